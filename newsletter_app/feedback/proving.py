"""Whose message came back: only tokens that this installation made say so, and only where they agree.

A Message-ID can be worked out by whoever knows a few numbers; it only adds the campaign to a proven reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from newsletter_app.feedback.reading import Marks
from newsletter_app.kernel.links import Links, LocalToken, Purpose, read_token

NO_CAMPAIGN = 0  # Stands for the campaign in a service mail's envelope sender.


@dataclass(frozen=True, slots=True)
class Proof:
    """Whose: a reader, perhaps with campaign and notices, or a service mail. None: the token does not say.

    ``hinted_campaign_id`` is what a Message-ID says, to be believed where there is such a delivery.
    ``by_recipient`` tells that the mail was sent to the token itself.
    """

    subscriber_id: int | None = None
    campaign_id: int | None = None
    notice_ids: tuple[int, ...] | None = None
    mail_id: int | None = None
    hinted_campaign_id: int | None = None
    by_recipient: bool = False


def proven(marks: Marks, links: Links) -> Proof | None:
    """Return what the marks prove: whom the mail was sent to first, then what it returns or quotes.

    Where what it returns names several readers, nobody is meant: a hostile mail may hold the tokens of many.
    """
    told = next(filter(None, (_of_local(local, links) for local in marks.recipients)), None)
    within = [*_found(_of_local(local, links) for local in marks.locals_within)]
    within += _found(_of_stop_link(token, links) for token in marks.stop_tokens)
    if told is None:
        if len({(proof.subscriber_id, proof.mail_id) for proof in within}) != 1:
            return None
        return _completed(within[0], within, marks)
    return _completed(replace(told, by_recipient=True), within, marks)


def _completed(told: Proof, within: Iterable[Proof], marks: Marks) -> Proof:
    """Add campaign and notices from other marks of the same reader."""
    for other in within:
        if told.subscriber_id is not None and other.subscriber_id == told.subscriber_id:
            told = replace(
                told,
                campaign_id=told.campaign_id or other.campaign_id,
                notice_ids=told.notice_ids or other.notice_ids,
            )
    if told.campaign_id is None and told.subscriber_id is not None:
        numbers = (message_id[1:].split(".")[:2] for message_id in marks.message_ids)
        campaigns = [int(campaign) for campaign, reader in numbers if int(reader) == told.subscriber_id]
        told = replace(told, hinted_campaign_id=campaigns[0] if campaigns else None)
    return told


def _of_local(local: str, links: Links) -> Proof | None:
    token = links.proven_local(local)
    return _proof(token) if token is not None else None


def _of_stop_link(text: str, links: Links) -> Proof | None:
    token = read_token(text)
    if token is None or token.purpose is not Purpose.STOP or not links.proves(token):
        return None
    return _proof(LocalToken(Purpose.STOP, token.ids))


def _proof(token: LocalToken) -> Proof | None:
    if token.purpose is Purpose.STOP:
        return Proof(token.ids[0], notice_ids=token.ids[1:] or None)
    if len(token.ids) != 2:
        return None
    campaign_id, row_id = token.ids
    return Proof(mail_id=row_id) if campaign_id == NO_CAMPAIGN else Proof(row_id, campaign_id)


def _found(proofs: Iterable[Proof | None]) -> list[Proof]:
    return [proof for proof in proofs if proof is not None]
