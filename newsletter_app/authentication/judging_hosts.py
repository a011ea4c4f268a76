"""The hosts of a sender, judged: who takes bounces, and whether the name we greet with is ours."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter_app.authentication.asking import Resolver, Silence
from newsletter_app.authentication.identity import Identity
from newsletter_app.kernel.observations import Gravity, Observation, unasked


def judge_mx(domain: str, resolver: Resolver) -> Observation:
    """Say whether bounces come back: the domain's mail server must be there (RFC 5321 section 5.1)."""
    answer = resolver.ask(domain, "MX")
    if answer.silence is not None:
        return unasked("mx-unasked", domain, answer.silence)
    hosts = [value.partition(" ")[2] for value in answer.values]
    if hosts == ["."]:
        return Observation("mx-null", Gravity.fault, domain)
    if not hosts:
        return _without_mx(domain, resolver)
    found = [_addresses(host, resolver) for host in hosts]
    facts = {"hosts": ", ".join(hosts)}
    if any(addresses for _silence, addresses in found):
        return Observation("mx-ok", Gravity.ok, domain, facts)
    if (silence := next((silence for silence, _none in found if silence), None)) is not None:
        return unasked("mx-unasked", domain, silence)
    return Observation("mx-dead", Gravity.fault, domain, facts)


def _without_mx(domain: str, resolver: Resolver) -> Observation:
    # A sender whose domain leads nowhere is refused by many; with an address mail goes there (RFC 5321 5.1).
    silence, addresses = _addresses(domain, resolver)
    if addresses:
        return Observation("mx-address-only", Gravity.warning, domain)
    if silence is not None:
        return unasked("mx-unasked", domain, silence)
    return Observation("mx-missing", Gravity.fault, domain)


def judge_greeting(identity: Identity, resolver: Resolver) -> Iterator[Observation]:
    """Look at the name we greet with; its way back matters where others see this machine's address."""
    name = identity.ehlo_name
    silence, addresses = _addresses(name, resolver)
    if silence is not None and not addresses:
        yield unasked("ehlo-unasked", name, silence)
    elif not addresses:
        gravity = Gravity.fault if identity.sends_itself else Gravity.warning
        yield Observation("ehlo-unknown", gravity, name)
    elif not identity.sends_itself:
        yield Observation("ehlo-ok", Gravity.ok, name, {"addresses": ", ".join(addresses)})
    else:
        for address in addresses:
            yield _way_back(address, name, resolver)


def _way_back(address: str, name: str, resolver: Resolver) -> Observation:
    answer = resolver.ask(address, "PTR")
    facts = {"name": name, "names": ", ".join(answer.values)}
    if answer.silence is not None:
        return unasked("ptr-unasked", address, answer.silence)
    if not answer.values:
        return Observation("ptr-missing", Gravity.fault, address, facts)
    code, gravity = ("ptr-ok", Gravity.ok) if name in answer.values else ("ptr-differs", Gravity.fault)
    return Observation(code, gravity, address, facts)


def _addresses(host: str, resolver: Resolver) -> tuple[Silence | None, list[str]]:
    four, six = resolver.ask(host, "A"), resolver.ask(host, "AAAA")
    return four.silence or six.silence, [*four.values, *six.values]
