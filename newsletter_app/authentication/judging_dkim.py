"""The records of the keys that sign, judged: are they there, and are they ours (RFC 6376 section 3.6.1)?"""

from __future__ import annotations

from collections.abc import Iterator

from newsletter_app.authentication.asking import Answer, Resolver
from newsletter_app.authentication.identity import Identity, PublicKey
from newsletter_app.authentication.tags import read_tags
from newsletter_app.kernel.observations import Gravity, Observation, unasked


def judge_dkim(identity: Identity, resolver: Resolver) -> Iterator[Observation]:
    """Yield what was found of each key in use, or that none is."""
    if identity.key_fault:
        yield Observation("dkim-key-refused", Gravity.fault, "DKIM_DIR", {"why": identity.key_fault})
    elif not identity.signing:
        yield Observation("dkim-none", Gravity.fault, identity.from_domain)
    for key in identity.signing:
        name = f"{key.selector}._domainkey.{identity.from_domain}"
        yield _key(key, name, resolver.ask(name, "TXT"))


def _key(key: PublicKey, name: str, answer: Answer) -> Observation:
    if answer.silence is not None:
        return unasked("dkim-unasked", name, answer.silence)
    if not answer.values:
        return Observation("dkim-missing", Gravity.fault, name, {"selector": key.selector})
    if len(answer.values) > 1:
        return Observation("dkim-several", Gravity.fault, name)
    theirs = read_tags(answer.values[0])
    if wrong := _difference(theirs, read_tags(key.record)):
        return Observation("dkim-differs", Gravity.fault, name, {"tag": wrong, "selector": key.selector})
    if "y" in theirs.get("t", "").split(":"):
        return Observation("dkim-testing", Gravity.warning, name)
    return Observation("dkim-ok", Gravity.ok, name)


def _difference(theirs: dict[str, str], ours: dict[str, str]) -> str:
    """Return the first tag that keeps our signatures from being believed (RFC 6376 section 3.6.1), or ""."""
    if theirs.get("v", "DKIM1") != "DKIM1":
        return "v"
    if theirs.get("k", "rsa") != ours["k"]:
        return "k"
    if "".join(theirs.get("p", "").split()) != ours["p"]:
        return "p"
    if "h" in theirs and "sha256" not in theirs["h"].replace(" ", "").split(":"):
        return "h"
    services = theirs.get("s", "*").replace(" ", "").split(":")
    return "" if "*" in services or "email" in services else "s"
