"""What the DNS says of an identity, judged: would others believe our mail? It asks, and changes nothing.

A *fault* of SPF, DKIM, DMARC or the bounce domain's MX makes large providers refuse newsletters; what could
not be asked is never a fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from newsletter_app.authentication.asking import Resolver
from newsletter_app.authentication.dmarc import Walk, is_aligned, policy_of, walk
from newsletter_app.authentication.identity import Identity
from newsletter_app.authentication.judging_dkim import judge_dkim
from newsletter_app.authentication.judging_hosts import judge_greeting, judge_mx
from newsletter_app.authentication.judging_spf import judge_spf
from newsletter_app.authentication.tags import read_tags, records_of
from newsletter_app.kernel.observations import Gravity, Observation, unasked

# What a launch is refused for; the rest is advice.
REFUSED_FOR: Final = ("spf-", "dkim-", "dmarc-", "mx-")


def judge(identity: Identity, resolver: Resolver) -> list[Observation]:
    """Return what was found, in the order of the records to publish."""
    author = walk(resolver, identity.from_domain)
    return [
        *judge_spf(identity, resolver),
        *judge_dkim(identity, resolver),
        *_dmarc(author),
        *_alignment(author, identity, resolver),
        judge_mx(identity.bounce_domain, resolver),
        *judge_greeting(identity, resolver),
        *_bimi(author, resolver),
    ]


def refusals(found: Iterable[Observation]) -> list[Observation]:
    """Return the faults that a newsletter may not be launched with."""
    return [one for one in found if one.gravity is Gravity.fault and one.code.startswith(REFUSED_FOR)]


def _dmarc(author: Walk) -> Iterator[Observation]:
    name = f"_dmarc.{author.start}"
    policy = author.policy
    if author.unasked and (policy is None or policy.domain != author.start):
        asked, silence = author.unasked[0]
        yield unasked("dmarc-unasked", f"_dmarc.{asked}", silence)
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
    elif not strict and (silent := (*author.unasked, *bounce.unasked)):
        yield unasked("bounce-unasked", f"_dmarc.{silent[0][0]}", silent[0][1])
    else:
        yield Observation("bounce-unaligned", Gravity.warning, domain, facts)


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
