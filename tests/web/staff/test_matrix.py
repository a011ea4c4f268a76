"""Every address of the console, and what each role meets there: one table decides, no page is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from newsletter_app.identity import ALLOWED, ROLES, VERBS, Role
from newsletter_app.web.staff.guards import ANYONE
from tests.web.conftest import World
from tests.web.staff.conftest import Desks

SAFE = {"GET", "HEAD", "OPTIONS"}


def views(world: World) -> dict[str, Callable[..., Any]]:
    """Return every view of the console by its endpoint."""
    functions = world.app.view_functions
    return {name: view for name, view in functions.items() if name.startswith("staff.")}


def test_every_address_declares_its_verb(world: World) -> None:
    found = {name: vars(view).get("verb") for name, view in views(world).items()}
    assert found
    assert {name: verb for name, verb in found.items() if verb not in (*VERBS, ANYONE)} == {}


def test_no_address_of_the_console_belongs_to_another_face(world: World) -> None:
    rules = [rule for rule in world.app.url_map.iter_rules() if rule.rule.startswith("/console")]
    assert {rule.endpoint.split(".")[0] for rule in rules} == {"staff"}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_meets_what_the_table_says(world: World, desk: Desks, role: Role) -> None:  # S23
    """Without a right: 403, whatever the address names. With one: anything but that and a crash."""
    client = desk(role)
    wrong = []
    for method, endpoint, path in addresses(world):
        verb = vars(world.app.view_functions[endpoint])["verb"]
        if verb == ANYONE:
            continue
        answer = client.get(path) if method == "GET" else client.post(path)
        is_refused = answer.status_code == 403
        if is_refused is (role in ALLOWED[verb]) or answer.status_code >= 500:
            wrong.append(f"{method} {path}: {answer.status_code}, {verb}")
    assert wrong == []


def test_nobody_gets_in_without_signing_in(world: World) -> None:
    wrong = []
    for method, endpoint, path in addresses(world):
        if vars(world.app.view_functions[endpoint])["verb"] == ANYONE:
            continue
        answer = world.get(path) if method == "GET" else world.post(path)
        if answer.status_code != 303 or not answer.location.startswith("/console/sign-in"):
            wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


def addresses(world: World) -> list[tuple[str, str, str]]:
    """Return method, endpoint and path of everything one can ask the console for; ids name nothing."""
    found = []
    with world.app.test_request_context():
        adapter = world.app.url_map.bind("")
        for rule in world.app.url_map.iter_rules():
            if rule.endpoint.startswith("staff."):
                path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 999_999))
                methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
                found += [(method, rule.endpoint, path) for method in methods]
    return found
