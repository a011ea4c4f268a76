"""What the DNS says of an identity, judged: would others believe our mail? It asks, and changes nothing.

A *fault* of SPF, DKIM, DMARC or the bounce domain's MX makes large providers refuse newsletters; what could
not be asked is never a fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from newsletter_app.authentication.asking import Answer, Resolver, Silence
from newsletter_app.authentication.dmarc import Walk, is_aligned, policy_of, walk
from newsletter_app.authentication.identity import Identity, PublicKey
from newsletter_app.authentication.judging_spf import judge_spf
from newsletter_app.authentication.tags import read_tags, records_of
from newsletter_app.kernel.observations import Gravity, Observation

# What a launch is refused for; the rest is advice.
REFUSED_FOR: Final = ("spf-", "dkim-", "dmarc-", "mx-")


def judge(identity: Identity, resolver: Resolver) -> list[Observation]:
    """Return what was found, in the order of the records to publish."""
    author = walk(resolver, identity.from_domain)
    return [
        *judge_spf(identity, resolver),
        *_dkim(identity, resolver),
        *_dmarc(author),
        *_alignment(author, identity, resolver),
        _mx(identity.bounce_domain, resolver),
        *_greeting(identity, resolver),
        *_bimi(author, resolver),
    ]


def refusals(found: Iterable[Observation]) -> list[Observation]:
    """Return the faults that a newsletter may not be launched with."""
    return [one for one in found if one.gravity is Gravity.fault and one.code.startswith(REFUSED_FOR)]


def _dkim(identity: Identity, resolver: Resolver) -> Iterator[Observation]:
    if identity.key_fault:
        yield Observation("dkim-key-refused", Gravity.fault, "DKIM_DIR", {"why": identity.key_fault})
    elif not identity.signing:
        yield Observation("dkim-none", Gravity.fault, identity.from_domain)
    for key in identity.signing:
        name = f"{key.selector}._domainkey.{identity.from_domain}"
        yield _key(key, name, resolver.ask(name, "TXT"))


def _key(key: PublicKey, name: str, answer: Answer) -> Observation:
    if answer.silence is not None:
        return _unasked("dkim-unasked", name, answer.silence)
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


def _dmarc(author: Walk) -> Iterator[Observation]:
    name = f"_dmarc.{author.start}"
    policy = author.policy
    if author.unasked and (policy is None or policy.domain != author.start):
        asked, silence = author.unasked[0]
        yield _unasked("dmarc-unasked", f"_dmarc.{asked}", silence)
        return
    gravity = Gravity.fault if policy is None else Gravity.warning
    for domain in author.several:
        yield Observation("dmarc-several", gravity, f"_dmarc.{domain}")
    if policy is None:
        if not author.several:
            yield Observation("dmarc-missing", Gravity.fault, name)
        return
    wanted = policy_of(policy, author.start)
    name, facts = f"_dmarc.{policy.domain}", {"record": policy.text, "policy": wanted or ""}
    if wanted is None:
        yield Observation("dmarc-faulty", Gravity.fault, name, facts)
    else:
        yield Observation("dmarc-ok", Gravity.ok, name, facts)


def _alignment(author: Walk, identity: Identity, resolver: Resolver) -> Iterator[Observation]:
    """Say whether the envelope's domain counts for the author's; our signatures are always the author's own.

    Without a policy there is nothing to count for, which is told already.
    """
    domain, facts = identity.bounce_domain, {"from_domain": identity.from_domain}
    if author.policy is None:
        return
    bounce = author if domain == identity.from_domain else walk(resolver, domain)
    strict = author.policy.tags.get("aspf", "r").lower() == "s"
    if is_aligned(author, bounce, strict=strict):
        yield Observation("bounce-aligned", Gravity.ok, domain, facts)
    elif not strict and (unasked := (*author.unasked, *bounce.unasked)):
        yield _unasked("bounce-unasked", f"_dmarc.{unasked[0][0]}", unasked[0][1])
    else:
        yield Observation("bounce-unaligned", Gravity.warning, domain, facts)


def _mx(domain: str, resolver: Resolver) -> Observation:
    answer = resolver.ask(domain, "MX")
    if answer.silence is not None:
        return _unasked("mx-unasked", domain, answer.silence)
    hosts = [value.partition(" ")[2] for value in answer.values]
    if hosts == ["."]:
        return Observation("mx-null", Gravity.fault, domain)
    if not hosts:
        # A sender whose domain leads nowhere is refused by many; with an address it is not (RFC 5321 5.1).
        silence, addresses = _addresses(domain, resolver)
        if silence is not None:
            return _unasked("mx-unasked", domain, silence)
        if addresses:
            return Observation("mx-address-only", Gravity.warning, domain)
        return Observation("mx-missing", Gravity.fault, domain)
    found = [_addresses(host, resolver) for host in hosts]
    facts = {"hosts": ", ".join(hosts)}
    if any(addresses for _silence, addresses in found):
        return Observation("mx-ok", Gravity.ok, domain, facts)
    if (silence := next((silence for silence, _none in found if silence), None)) is not None:
        return _unasked("mx-unasked", domain, silence)
    return Observation("mx-dead", Gravity.fault, domain, facts)


def _greeting(identity: Identity, resolver: Resolver) -> Iterator[Observation]:
    """Look at the name we greet with; its way back matters where others see this machine's address."""
    name = identity.ehlo_name
    silence, addresses = _addresses(name, resolver)
    if silence is not None and not addresses:
        yield _unasked("ehlo-unasked", name, silence)
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
        return _unasked("ptr-unasked", address, answer.silence)
    if not answer.values:
        return Observation("ptr-missing", Gravity.fault, address, facts)
    code, gravity = ("ptr-ok", Gravity.ok) if name in answer.values else ("ptr-differs", Gravity.fault)
    return Observation(code, gravity, address, facts)


def _bimi(author: Walk, resolver: Resolver) -> Iterator[Observation]:
    """Tell of a logo's record if there is one; nobody needs it."""
    for domain in dict.fromkeys((author.start, author.organisation)):
        name = f"default._bimi.{domain}"
        for text in records_of("BIMI1", resolver.ask(name, "TXT").values):
            yield _logo(name, text, author)
            return


def _logo(name: str, text: str, author: Walk) -> Observation:
    tags, facts = read_tags(text), {"record": text}
    if tags.get("l") and not tags["l"].startswith("https://"):
        return Observation("bimi-faulty", Gravity.warning, name, facts)
    wanted = policy_of(author.policy, author.start) if author.policy else None
    if wanted not in ("quarantine", "reject"):
        return Observation("bimi-idle", Gravity.warning, name, facts)
    return Observation("bimi-ok", Gravity.ok, name, facts)


def _addresses(host: str, resolver: Resolver) -> tuple[Silence | None, list[str]]:
    four, six = resolver.ask(host, "A"), resolver.ask(host, "AAAA")
    return four.silence or six.silence, [*four.values, *six.values]


def _unasked(code: str, subject: str, silence: Silence) -> Observation:
    return Observation(code, Gravity.unasked, subject, {"why": silence.value})
