"""The bounce domain's SPF record, judged: can it be evaluated, does it end, does it name our servers?"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from newsletter_app.authentication.asking import Resolver
from newsletter_app.authentication.identity import Identity
from newsletter_app.authentication.spf import Result, Verdict, evaluate
from newsletter_app.authentication.spf_record import read_spf
from newsletter_app.kernel.observations import Gravity, Observation


def judge_spf(identity: Identity, resolver: Resolver) -> Iterator[Observation]:
    """Yield what was found of the record as it is, then of each of our servers."""
    domain = identity.bounce_domain
    verdict = evaluate(resolver, domain, ehlo=identity.ehlo_name)
    whole = _whole(verdict, domain)
    yield whole
    if whole.gravity in (Gravity.ok, Gravity.warning):
        for host in identity.remote_servers:
            yield _server(host, identity, resolver)
        if identity.sends_itself:
            yield _server(identity.ehlo_name, identity, resolver)


def _whole(verdict: Verdict, domain: str) -> Observation:
    facts = {"record": verdict.record, "where": verdict.where, "lookups": str(verdict.lookups)}
    if verdict.silence is not None:
        return Observation("spf-unasked", Gravity.unasked, verdict.where, {"why": verdict.silence.value})
    if verdict.result is Result.none:
        return Observation("spf-missing", Gravity.fault, domain)
    if verdict.result is Result.permerror:
        return Observation(verdict.code, Gravity.fault, domain, facts)
    record = read_spf(verdict.record)
    if record.end == "+":
        return Observation("spf-anybody", Gravity.warning, domain, facts)
    if not record.lets_anybody_in:
        return Observation("spf-nobody", Gravity.fault, domain, facts)
    if record.end not in ("-", "~") and not record.redirect:
        return Observation("spf-open-end", Gravity.warning, domain, facts)
    return Observation("spf-ok", Gravity.ok, domain, facts)


def _server(host: str, identity: Identity, resolver: Resolver) -> Observation:
    """Say whether the addresses of ``host`` may send.

    A provider may take mail at one address and send it from another, so a host that is not named is a fault
    only where it is this machine.
    """
    asked = () if _is_address(host) else (resolver.ask(host, "A"), resolver.ask(host, "AAAA"))
    addresses = [address for answer in asked for address in answer.values] if asked else [host]
    silence = next((answer.silence for answer in asked if answer.silence), None)
    domain = identity.bounce_domain
    verdicts = [evaluate(resolver, domain, address, ehlo=identity.ehlo_name) for address in addresses]
    facts = {"server": host, "addresses": ", ".join(addresses)}
    if any(verdict.result is Result.passed for verdict in verdicts):
        return Observation("spf-server-ok", Gravity.ok, domain, facts)
    silence = silence or next((verdict.silence for verdict in verdicts if verdict.silence), None)
    if silence is not None:
        return Observation("spf-server-unasked", Gravity.unasked, host, {"why": silence.value})
    gravity = Gravity.fault if host == identity.ehlo_name and identity.sends_itself else Gravity.warning
    return Observation("spf-server-unnamed", gravity, domain, facts)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
