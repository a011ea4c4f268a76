"""Settings: every refusal in its words, all told at once, defaults for a try-out, and no secret shown."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from config import ConfigError, Settings
from newsletter_app.kernel import keys
from newsletter_app.kernel.hosts import is_loopback

STRONG = "7f3a9c1e5b2d8f406a7c9e1b3d5f70824c6e8a0b2d4f6081"
OTHER = "0d4b8e2f6a1c5937be80d2f4a6c8e0135792468ace13579b"
PUBLIC = {
    "PUBLIC_URL": "https://tips.nerves.ca",
    "SMTP_URL": "smtp://news:pa%40ss-w0rd@mail.nerves.ca",
    "HASH_KEY": STRONG,
}


def read(root: Path, **environ: str) -> Settings:
    return Settings.from_env(environ, root=root)


def faults(root: Path, **environ: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refusal:
        read(root, **environ)
    return refusal.value.faults


def test_nothing_given_is_a_try_out_on_this_machine(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.is_tryout
    assert settings.uses_outbox
    assert not settings.is_https
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/newsletter.sqlite3"
    assert settings.redis_url is None
    assert settings.mail_from == "tips@nerves.example"
    assert settings.ehlo_name == settings.bounce_domain == "nerves.example"
    assert settings.trusted_proxies == 0
    assert settings.dkim_dir == tmp_path / "var" / "dkim"


def test_sites_that_may_frame_the_form(tmp_path: Path) -> None:
    sites = "https://charity.example/ http://127.0.0.1:8080"
    assert read(tmp_path, EMBED_SITES=sites).embed_sites == (
        "https://charity.example",
        "http://127.0.0.1:8080",
    )
    assert read(tmp_path).embed_sites == ()


def test_a_public_installation(tmp_path: Path) -> None:
    settings = read(tmp_path, **PUBLIC, DATABASE_URL="postgres://u:p@db/news", PORT="8080", LOG_LEVEL="debug")
    assert (settings.is_tryout, settings.uses_outbox, settings.is_https) == (False, False, True)
    assert settings.database_url == "postgresql+psycopg://u:p@db/news"
    assert settings.mail_from == "tips@tips.nerves.ca"
    assert settings.ehlo_name == settings.bounce_domain == "tips.nerves.ca"
    assert settings.port == 8080
    assert settings.log_level == "DEBUG"
    (server,) = settings.smtp
    assert (server.user, server.password, server.tls) == ("news", "pa@ss-w0rd", "starttls-required")


REFUSALS = [
    ({"BOUNCE_TLS": "cert.pem"}, "BOUNCE_TLS names 1 files: name two, the certificate's and the key's."),
    ({"PORT": "80a"}, "PORT is '80a': give a whole number from 1 to 65535."),
    ({"PORT": "0"}, "PORT is '0': give a whole number from 1 to 65535."),
    ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES is '-1': give a whole number from 0 to 10."),
    ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'LOUD': give one of DEBUG, INFO, WARNING, ERROR."),
    (
        {"EMBED_SITES": "https://charity.example/form"},
        "EMBED_SITES has 'https://charity.example/form': write",
    ),
    ({"EMBED_SITES": "https://a.example *"}, "EMBED_SITES has '*': write it as https://charity.example"),
    ({"EMBED_SITES": "https://a.example;script-src"}, "EMBED_SITES has 'https://a.example;script-src'"),
    ({"MEDIA_URL": "https://s3.example.ca/pictures"}, "MEDIA_URL must be s3://ACCESS:SECRET@host/bucket"),
    ({"BOUNCE_DOMAIN": "bounces"}, "BOUNCE_DOMAIN is 'bounces': give a full domain name"),
    ({"BOUNCE_LISTEN": "8025"}, "BOUNCE_LISTEN is '8025': write it as 127.0.0.1:8025, lmtp:127.0.0.1:8024"),
    ({"EHLO_NAME": "under_score.ca"}, "EHLO_NAME is 'under_score.ca': give a full domain name"),  # M21
    (
        {"MAIL_FROM": "Nerves <tips@nerves.ca>"},
        "MAIL_FROM is 'Nerves <tips@nerves.ca>': give one plain address",
    ),
    ({"DATABASE_URL": "mysql://db/news"}, "DATABASE_URL must begin with postgresql:// or be sqlite:///"),
    ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL must begin with postgresql:// or be sqlite:///"),
    ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL must begin with postgresql:// or be sqlite:///"),
    ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must begin with redis:// or rediss://"),
    ({"REDIS_URL": "redis://queue.nerves.ca/0"}, "REDIS_URL names a server elsewhere"),  # S31
    ({"SMTP_URL": "mail.nerves.ca"}, "SMTP_URL must begin with smtp:// or smtps:// and a host"),
    ({"SECRET_KEY": "too-short"}, "SECRET_KEY has 9 characters; at least 32 are needed: make"),  # S30
    ({"HASH_KEY": "a" * 40}, "HASH_KEY repeats the same few characters: make one with"),  # S30
    (
        {"LINK_KEYS": f"{STRONG} change-me-please-0123456789-abcdef"},
        "key 2 of LINK_KEYS looks like a placeholder",
    ),  # S30
    ({"PUBLIC_URL": "tips.nerves.ca"}, "PUBLIC_URL is 'tips.nerves.ca': write it as https://tips.example.ca"),
    ({"PUBLIC_URL": "https://nerves.ca/tips"}, "PUBLIC_URL is 'https://nerves.ca/tips': write it as"),
    ({"PUBLIC_URL": "ftp://nerves.ca"}, "PUBLIC_URL is 'ftp://nerves.ca': write it as"),
    ({**PUBLIC, "PUBLIC_URL": "http://tips.nerves.ca"}, "PUBLIC_URL is http://tips.nerves.ca, plain http"),
    ({"HOST": "0.0.0.0"}, "PUBLIC_URL is needed, since HOST is 0.0.0.0"),
    (
        {"HOST": "0.0.0.0", "PUBLIC_URL": "http://localhost:8000"},
        "HOST is 0.0.0.0, open to other machines, but PUBLIC_URL is",
    ),
    ({"PUBLIC_URL": "https://tips.nerves.ca"}, "SMTP_URL is not set, so no mail would ever leave"),
    ({**PUBLIC, "SMTP_URL": "outbox:"}, "SMTP_URL is not set, so no mail would ever leave"),
    (
        {"SMTP_URL": "smtp://mail.nerves.ca"},
        "SMTP_URL names a server elsewhere, but PUBLIC_URL is http://127",
    ),
    (
        {**PUBLIC, "MAIL_FROM": "charity@gmail.com"},
        "MAIL_FROM is at gmail.com, which refuses such mail",
    ),  # M37
    ({"HASH_KEY": STRONG, "HASH_KEY_FILE": "hash"}, "HASH_KEY and HASH_KEY_FILE are both set: keep one"),
    ({"SMTP_URL_FILE": "nowhere"}, "SMTP_URL_FILE names nowhere, which cannot be read"),
    (
        {"DATA_DIR": "/proc/none"},
        "DATA_DIR is /proc/none, where keys cannot be kept (No such file or directory)",
    ),
    ({"DATA_DIR": "hash"}, "DATA_DIR is "),
]


@pytest.mark.parametrize(("environ", "sentence"), REFUSALS)
def test_each_fault_is_one_sentence_that_says_what_to_do(
    tmp_path: Path, environ: dict[str, str], sentence: str
) -> None:
    (tmp_path / "hash").write_text(STRONG)
    (told,) = faults(tmp_path, **environ)
    assert told.startswith(sentence)
    assert told.endswith(".")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    told = faults(tmp_path, PORT="x", LOG_LEVEL="x", SMTP_URL="x", REDIS_URL="x", DATABASE_URL="x")
    assert [sentence.split()[0] for sentence in told] == [
        "PORT", "SMTP_URL", "DATABASE_URL", "REDIS_URL", "LOG_LEVEL",
    ]  # fmt: skip


def test_no_secret_is_shown(tmp_path: Path) -> None:  # S28, S30
    secrets = {
        "SECRET_KEY": STRONG + "1",
        "LINK_KEYS": STRONG + "2",
        "HASH_KEY": STRONG + "3",
        "DATABASE_URL": "postgresql://news:db-pass-w0rd@db/news",
        "REDIS_URL": "redis://:queue-pass-w0rd@queue/0",
    }
    settings = read(tmp_path, **{**PUBLIC, **secrets})
    assert not re.search(rf"{STRONG}|pass-w0rd|pa@ss|pa%40ss", repr(settings) + str(settings.smtp))
    told = " ".join(
        faults(
            tmp_path,
            SMTP_URL="smtp://news:mail-pass-w0rd@host:x",
            REDIS_URL="x:pass-w0rd",
            SECRET_KEY="pass-w0rd",
        )
    )
    assert "pass-w0rd" not in told


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "hash").write_text(f"{STRONG}\n")
    assert read(tmp_path, HASH_KEY_FILE=str(tmp_path / "hash")).hash_key == STRONG.encode()


def test_link_keys_are_several_and_the_newest_comes_first(tmp_path: Path) -> None:  # M30
    settings = read(tmp_path, LINK_KEYS=f"{OTHER} {STRONG}")
    assert settings.link_keys == (OTHER.encode(), STRONG.encode())
    assert settings.key_fingerprints == keys.fingerprints(settings.hash_key, settings.link_keys)


def test_the_data_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    assert stat.S_IMODE(read(tmp_path).data_dir.stat().st_mode) == 0o700


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    first, second = read(tmp_path), read(tmp_path)
    assert (first.secret_key, first.link_keys, first.hash_key) == (
        second.secret_key, second.link_keys, second.hash_key,
    )  # fmt: skip
    assert len({first.secret_key.encode(), *first.link_keys, first.hash_key}) == 3


def test_the_environment_wins_over_the_file_and_empty_is_unset(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9001\nLOG_LEVEL=ERROR\nMAIL_FROM=\nEHLO_NAME=mail.nerves.ca\n")
    settings = read(tmp_path, PORT="9002", EHLO_NAME="")
    assert (settings.port, settings.log_level, settings.mail_from) == (9002, "ERROR", "tips@nerves.example")
    assert settings.ehlo_name == "mail.nerves.ca"
    assert Settings.from_env({}, read_dotenv=False, root=tmp_path).port == 8000


def test_mails_that_stop_are_read_where_a_way_in_is_set(tmp_path: Path) -> None:
    # M31: no mail names an address that nobody reads.
    ways = {
        "BOUNCE_LISTEN": "127.0.0.1:8025",
        "FEEDBACK_IMAP_URL": "imaps://us:x@imap.example.ca/INBOX",
        "FEEDBACK_MAILDIR": "/var/mail/bounces",
    }
    read_at = {name: read(tmp_path, BOUNCE_DOMAIN="b.nerves.ca", **{name: ways[name]}) for name in ways}
    assert {settings.stop_domain for settings in read_at.values()} == {"b.nerves.ca"}
    hook = read(tmp_path, BOUNCE_DOMAIN="b.nerves.ca", FEEDBACK_HOOK_KEYS="postmark=us:0123456789abcdef0123")
    assert hook.stop_domain == ""


def test_the_example_lists_every_name_and_no_other() -> None:
    example = (config.ROOT / ".env.example").read_text(encoding="utf-8")
    listed = re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE)
    assert sorted(name for name, _ in listed) == sorted(config.NAMES)
    assert {value for _, value in listed} == {""}, "a copy of the example must change nothing"


def test_every_name_listed_is_read(tmp_path: Path) -> None:
    asked: set[str] = set()

    class Watched(dict[str, str]):
        def get(self, key: str, default: str | None = None) -> str | None:
            asked.add(key)
            return super().get(key, default)

        def __contains__(self, key: object) -> bool:
            asked.add(str(key))
            return super().__contains__(key)

    environment = config.Environment({}, tmp_path)
    environment._given = Watched()
    config._read(environment, tmp_path)
    assert {name.removesuffix("_FILE") for name in asked} == set(config.NAMES)


@pytest.mark.parametrize(
    ("environ", "tryout"),
    [
        ({}, True),
        ({"SMTP_URL": "outbox:"}, True),
        ({"HOST": "localhost"}, True),
        ({"HOST": "::1", "PUBLIC_URL": "http://[::1]:8000"}, True),
        ({"SMTP_URL": "smtp://127.0.0.1:2525"}, False),
        (PUBLIC, False),
    ],
)
def test_what_counts_as_a_try_out(tmp_path: Path, environ: dict[str, str], tryout: bool) -> None:
    assert read(tmp_path, **environ).is_tryout is tryout


def test_the_embedded_brokers_addresses_are_one_place_spelt_two_ways(tmp_path: Path) -> None:
    settings = read(tmp_path, DATA_DIR=str(tmp_path / ("deep" * 40)))
    socket = settings.broker_socket
    assert len(os.fsencode(socket)) < 107, "a longer path cannot be listened on"
    assert settings.broker_url == f"redis+socket://{socket}?virtual_host=0"
    assert settings.redis_client_url == f"unix://{socket}?db=0"
    assert read(tmp_path, DATA_DIR=str(tmp_path / "other")).broker_socket != socket


def test_every_process_derives_the_same_socket(tmp_path: Path) -> None:
    mine = read(tmp_path).broker_socket
    script = (
        "import config, pathlib, sys;"
        "print(config.Settings.from_env({}, root=pathlib.Path(sys.argv[1])).broker_socket)"
    )
    elsewhere = {"TMPDIR": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    theirs = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env=elsewhere,
        cwd=config.ROOT,
        capture_output=True,
        text=True,
    )
    assert theirs.stdout.strip() == str(mine)


def test_a_broker_of_ones_own_is_used_as_given(tmp_path: Path) -> None:
    url = "redis://127.0.0.1:6380/2"
    settings = read(tmp_path, REDIS_URL=url)
    assert {settings.broker_url, settings.redis_client_url} == {url}


@given(st.ip_addresses())
def test_only_loopback_addresses_are_this_machine(address: object) -> None:
    assert is_loopback(str(address)) == address.is_loopback


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("app.localhost", True), ("[::1]", True), ("127.9.9.9", True), ("", False),
     ("localhost.nerves.ca", False), ("127.0.0.1.nerves.ca", False), ("10.0.0.1", False), ("0.0.0.0", False)],
)  # fmt: skip
def test_which_names_are_this_machine(host: str, local: bool) -> None:
    assert is_loopback(host) is local
