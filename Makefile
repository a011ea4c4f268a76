# What one does with this project, each a word. `make` alone lists them.
PYTHON_TOOLS = .venv/bin/python -m
CODE = newsletter_app workers config.py tests

.PHONY: help run test check tools fast chaos simulation bench screenshots format requirements upgrade

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' Makefile

run:  ## install what is missing, then run everything on this machine until Ctrl-C
	@exec ./run

test: tools  ## every check and every test, system packages included where allowed
	@scripts/test

check: tools  ## format, lint, types, imports, and the rules of the house
	@$(PYTHON_TOOLS) pytest -q tests/architecture

tools: .venv/installed-requirements-dev.txt
	$(PYTHON_TOOLS) ruff format --check --quiet .
	$(PYTHON_TOOLS) ruff check --quiet .
	$(PYTHON_TOOLS) mypy
	.venv/bin/lint-imports

fast: .venv/installed-requirements-dev.txt  ## the tests that need nothing but Python
	@$(PYTHON_TOOLS) pytest -q -n 2 -m "not journey and not browser and not postgres"

chaos: .venv/installed-requirements-dev.txt  ## kill all that a campaign needs, 200 rounds, an hour; CHAOS="--rounds 5" is less
	@$(PYTHON_TOOLS) tests.journeys.chaos --rounds 200 --readers 20000 --seed 2026 --log chaos.log $(CHAOS)

simulation: .venv/installed-requirements-dev.txt  ## two years of 50,000 readers' lives, on two cores for an hour and more; SIMULATION="--readers 500 --years 0.2" is less
	@$(PYTHON_TOOLS) tests.planning.two_years --log simulation.log $(SIMULATION)

bench: .venv/installed-requirements-dev.txt  ## measure it beside its rivals, about twenty minutes; BENCH="--quick" looks at all
	@$(PYTHON_TOOLS) bench $(BENCH)

screenshots: .venv/installed-requirements-dev.txt  ## make the pictures of docs/guide.md anew, in Debian's chromium
	@$(PYTHON_TOOLS) tests.journeys.screenshots

format: .venv/installed-requirements-dev.txt  ## lay the code out
	$(PYTHON_TOOLS) ruff check --fix --quiet . || true
	$(PYTHON_TOOLS) ruff format --quiet .

requirements: .venv/installed-requirements-dev.txt  ## pin the newest versions that install together
	UV_CUSTOM_COMPILE_COMMAND="make requirements" .venv/bin/uv pip compile --quiet --upgrade --universal \
		--python-version 3.11 --generate-hashes --no-annotate requirements.in -o requirements.txt
	UV_CUSTOM_COMPILE_COMMAND="make requirements" .venv/bin/uv pip compile --quiet --upgrade --universal \
		--python-version 3.11 --generate-hashes --no-annotate requirements-dev.in -o requirements-dev.txt

upgrade:  ## after a newer checkout: back up, install, migrate, restart what runs
	.venv/bin/flask backup
	./run --install requirements.txt
	.venv/bin/flask prepare
	./run --reload

# The script knows better than dates whether anything is to be done, and compiles the catalogues.
.PHONY: .venv/installed-requirements-dev.txt
.venv/installed-requirements-dev.txt:
	@./run --install requirements-dev.txt
