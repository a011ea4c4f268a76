"""What comes back, received: kept once, proven by a token or touching nobody, each effect once."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from newsletter_app import delivery, feedback, ledger, outbox, subscriptions, suppression
from newsletter_app.audit import AuditEntry
from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Delivery
from newsletter_app.feedback import Effect, FeedbackEvent, Received, Shape, State, Told
from newsletter_app.kernel.links import Links, Purpose
from newsletter_app.service_mail import ServiceMail
from newsletter_app.subscribers import AddressChange, Subscriber
from newsletter_app.subscriptions import Subscription
from tests.delivery.conftest import World
from tests.factories.content import make_notice
from tests.factories.engine import DOMAIN, make_composer
from tests.feedback.conftest import Receive, launch, verp
from tests.feedback.letters import DSN, complaint, letter

OLD_KEY = b"link key of the tests, 32 octets"
UNKNOWN = DSN.format(action="failed", status="5.1.1", diagnosis="smtp; 550 5.1.1 no such user")
FULL = DSN.format(action="failed", status="5.2.2", diagnosis="smtp; 552 5.2.2 over quota")
POLICY = DSN.format(action="failed", status="5.7.1", diagnosis="smtp; 550 5.7.1 refused by policy")


def suppressed(world: World) -> set[tuple[str, str, str]]:
    with world.unit_of_work() as session:
        return {(row.address_key, row.scope, row.reason) for row in suppression.listed(session)}


def states(world: World, reader: int = 1) -> set[tuple[str, str | None]]:
    with world.unit_of_work() as session:
        rows = subscriptions.of_subscriber(session, reader)
        return {(row.state, row.end_reason) for row in rows}


def feedback_of(world: World, reader: int = 1) -> str:
    with world.unit_of_work() as session:
        return session.scalars(select(Delivery.feedback).where(Delivery.subscriber_id == reader)).one()


def test_a_hard_bounce_suppresses_its_reader_once(sent: World, receive: Receive) -> None:
    """The same mail again, line ends changed, is the same event and changes nothing."""  # M42
    first = receive(UNKNOWN, to=verp(sent))
    assert (first.is_new, first.state, first.effect) == (True, State.applied, Effect.suppressed)
    assert suppressed(sent) == {("key-1", "bulk", "bounce")}
    assert (feedback_of(sent), states(sent)) == ("bounced", {("active", None)})
    again = receive(UNKNOWN.replace("\n", "\r\n"), to=verp(sent))
    assert (again.event_id, again.is_new, again.effect) == (first.event_id, False, Effect.suppressed)
    with sent.unit_of_work() as session:
        (event,) = feedback.newest(session)
        assert event.raw == UNKNOWN.encode()
        facts = (event.kind, event.reason, event.code, event.enhanced, event.campaign_id, event.subscriber_id)
    assert facts == ("hard", "user-unknown", 550, "5.1.1", sent.campaign_id, 1)


def test_a_forged_bounce_touches_nobody(sent: World, receive: Receive) -> None:
    """No token, a foreign one, one of another purpose: the event is kept, and that is all."""  # M24
    foreign = Links("https://news.example.org", [b"another key, as an attacker has it"])
    ids = (sent.campaign_id, 1)
    for number, to in enumerate(["", foreign.bounce_local(ids), f"b{sent.links.stop_local(ids)[1:]}"]):
        came = receive(f"{UNKNOWN}\n{number}", to=to)
        assert (came.shape, came.state, came.effect) == (Shape.report, State.unproven, None)
    local = foreign.bounce_local(ids)
    stops = (sent.links.token(Purpose.CHOICES, (1,)), foreign.token(Purpose.STOP, (1, sent.notice_id)))
    hostile = [complaint(local=local, stop=stop) for stop in stops]
    hostile.append(f"{UNKNOWN}\n<c{sent.campaign_id}.1.0123456789abcdef@example.org>")
    assert [receive(raw).state for raw in hostile] == [State.unproven] * 3
    assert suppressed(sent) == set()
    assert (feedback_of(sent), states(sent)) == ("none", {("active", None)})


def test_a_report_with_the_tokens_of_several_readers_is_about_none(sent: World, receive: Receive) -> None:
    """Somebody who has many mails of ours cannot bounce them all with one."""  # M24
    returned = "".join(f"Return-Path: <{verp(sent, reader)}@bounce.example.org>\n" for reader in (1, 2))
    status = "Final-Recipient: rfc822; x@y.ca\nAction: failed\nStatus: 5.1.1\n"
    assert receive(letter(status=status, returned=returned)).state is State.unproven


def test_a_token_in_what_is_returned_will_do(sent: World, receive: Receive) -> None:
    """Some servers answer to From; Return-Path and List-Unsubscribe of the mail say whose it was."""
    stop = sent.links.token(Purpose.STOP, (2, sent.notice_id))
    head = f"List-Unsubscribe: <https://news.example.org/stop/{stop}>\n"
    head += f"Message-ID: <c{sent.campaign_id}.2.0123456789abcdef@example.org>\n"
    status = "Final-Recipient: rfc822; x@y.ca\nAction: failed\nStatus: 5.1.1\n"
    assert receive(letter(status=status, returned=head)).effect is Effect.suppressed
    assert suppressed(sent) == {("key-2", "bulk", "bounce")}
    assert feedback_of(sent, 2) == "bounced"


def test_a_mail_as_it_was_sent_proves_whose_it_is(world: World, receive: Receive) -> None:
    """Returned whole by a server that answers to From: the link in its header is enough."""  # M24, M43
    world.launched(readers=1)
    world.send(world.office())
    with world.unit_of_work() as session:
        (mail,) = outbox.newest(session, 2)
    head = "From: MAILER-DAEMON@mx.example.ca\nTo: tips@example.org\nSubject: Undelivered\n"
    head += "Content-Type: multipart/report; boundary=xyz\n\n"
    status = "Final-Recipient: rfc822; r@elsewhere.example\nAction: failed\nStatus: 5.1.1\n"
    report = (
        f"--xyz\nContent-Type: message/delivery-status\n\n{status}\n--xyz\nContent-Type: message/rfc822\n\n"
    )
    came = receive((head + report).encode() + mail.message + b"\r\n--xyz--\r\n")
    assert came.effect is Effect.suppressed
    assert feedback_of(world) == "bounced"


def test_what_is_no_failure_has_no_effect(sent: World, receive: Receive) -> None:
    """Whatever its status says."""  # M39
    for action in ("delayed", "relayed", "delivered", "expanded"):
        raw = DSN.format(action=action, status="5.1.1", diagnosis="smtp; 550 no such user")
        assert receive(raw, to=verp(sent)).state is State.ignored
    assert suppressed(sent) == set()


def test_soft_bounces_count_over_time(sent: World, receive: Receive) -> None:
    """One changes nothing but the row; what lasts over mails and days suppresses."""  # M40
    assert receive(FULL, to=verp(sent)).effect is Effect.counted
    assert suppressed(sent) == set()
    with sent.unit_of_work() as session:
        row = session.scalars(select(Delivery).where(Delivery.subscriber_id == 1)).one()
        for days, number in ((4, 101), (9, 102)):
            later = {"settled_at": row.settled_at and row.settled_at.replace(day=row.settled_at.day + days)}
            copied = {column.name: getattr(row, column.name) for column in Delivery.__table__.columns}
            session.add(
                Campaign(id=number, occurrence=f"test:{number}", due_at=row.due_at, created_at=row.due_at)
            )
            session.flush()
            session.add(Delivery(**(copied | later | {"campaign_id": number, "feedback": "none"})))
    assert receive(f"{FULL}\n", to=verp(sent, 1, 101)).is_new is False
    assert receive(f"{FULL}\n2", to=verp(sent, 1, 101)).effect is Effect.counted
    assert receive(f"{FULL}\n3", to=verp(sent, 1, 102)).effect is Effect.suppressed


def test_our_fault_is_no_readers(world: World, receive: Receive) -> None:
    """Nobody is suppressed; the fifth reader of one domain puts it on hold, and staff can see why."""  # M40
    launch(world, readers=5)
    effects = [receive(f"{POLICY}\n{reader}", to=verp(world, reader)).effect for reader in range(1, 6)]
    assert effects == [Effect.noted] * 4 + [Effect.domain_held]
    assert suppressed(world) == set()
    assert feedback_of(world) == "none"
    with world.unit_of_work() as session:
        (held,) = ledger.open_breakers(session)
        assert (held.kind, held.name, held.reply_code) == ("domain", DOMAIN, 550)
        assert session.scalars(select(AuditEntry.action)).all() == ["domain.held"]


def test_one_reader_holds_no_domain_again(world: World, receive: Receive) -> None:
    """Whoever has one token could forge such reports for ever, and a domain would wait for it."""  # M40
    launch(world, readers=5)
    for reader in range(1, 6):
        receive(f"{POLICY}\n{reader}", to=verp(world, reader))
    with world.unit_of_work() as session:
        ledger.close_breakers(session, ledger.BreakerKind.domain)
    assert receive(f"{POLICY}\nonce more", to=verp(world, 5)).effect is Effect.noted


def test_a_complaint_ends_everything_at_once(sent: World, receive: Receive) -> None:
    """Every subscription, and the address is suppressed; nobody is mailed about it."""  # M43, M47
    stop = sent.links.token(Purpose.STOP, (1, sent.notice_id))
    with sent.unit_of_work() as session:
        other = make_notice(session, sent.clock(), "events")
        facts = {"state": "active", "cadence": "each", "cursor": 0, "created_at": sent.clock()}
        session.add(Subscription(subscriber_id=1, notice_id=other.id, **facts))
    came = receive(complaint(local=verp(sent), stop=stop))
    assert (came.shape, came.effect) == (Shape.complaint, Effect.ended)
    assert suppressed(sent) == {("key-1", "bulk", "complaint")}
    assert (feedback_of(sent), states(sent)) == ("complained", {("ended", "complaint")})
    with sent.unit_of_work() as session:
        assert delivery.came_back(session, sent.campaign_id) == (3, 0, 1)
        assert session.scalar(select(func.count()).select_from(ServiceMail)) == 0


def test_a_campaign_that_many_complain_about_is_paused(world: World, receive: Receive) -> None:
    """As mails it takes ten readers; whoever lets it go on is asked no more."""  # M43
    launch(world, readers=11)
    stops = [world.links.token(Purpose.STOP, (reader, world.notice_id)) for reader in range(1, 12)]
    raws = [complaint(local=verp(world, reader), stop=stops[reader - 1]) for reader in range(1, 12)]
    found = [receive(raw).effect for raw in raws[:10]]
    assert found == [Effect.ended, *[Effect.alarmed] * 8, Effect.paused]
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        assert (campaign.state, campaign.paused_by) == ("paused", "question")
        assert campaign.pause_reason == "complaints:10 of 11"
        campaign.state = "sending"
    assert receive(raws[10]).effect is Effect.alarmed
    assert world.campaign_state() == "sending"


def test_what_a_provider_tells_pauses_sooner(world: World, receive: Receive) -> None:
    """The third reader for whom it vouches; told twice it is one, and a mail vouches for none."""  # M43
    launch(world, readers=5)
    stop = world.links.token(Purpose.STOP, (1, world.notice_id))

    def told(key: str, reader: int) -> Effect | None:
        one = Told(key, b"{}", "", complaint="abuse", texts=(f"Return-Path: <{verp(world, reader)}@x.ca>",))
        with world.unit_of_work() as session:
            taken = feedback.take(session, one, source="hook:test", links=world.links, now=world.clock())
            return taken.effect

    assert receive(complaint(local=verp(world, 1), stop=stop)).effect is Effect.ended
    assert [told("a", 2), told("b", 3), told("c", 3)] == [Effect.alarmed] * 3
    assert told("d", 4) is Effect.paused
    assert world.campaign_state() == "paused"


def test_feedback_that_is_no_complaint(sent: World, receive: Receive) -> None:
    """Kept, and nothing else."""  # M43
    for kind in ("not-spam", "auth-failure", "virus"):
        assert receive(complaint(local=verp(sent), kind=kind)).state is State.ignored
    assert states(sent) == {("active", None)}


def test_a_mail_to_list_unsubscribe_stops_as_one_click_does(sent: World, receive: Receive) -> None:
    """No goodbye mail, and the consent record tells how."""  # M47
    to = sent.links.stop_local((1, sent.notice_id))
    came = receive("From: somebody@example.org\nSubject: unsubscribe\n\n", to=to)
    assert (came.shape, came.effect) == (Shape.unsubscribe, Effect.stopped)
    assert states(sent) == {("ended", "mail")}
    with sent.unit_of_work() as session:
        (record,) = subscriptions.consents_of(session, 1)
        assert (record.act, record.source, record.wording) == (
            "withdrawn",
            "mail",
            "List-Unsubscribe, by mail",
        )
        assert session.scalar(select(func.count()).select_from(ServiceMail)) == 0


def test_the_address_in_a_mail_stops_it_after_all_else_is_gone(
    world: World, receive: Receive, translations: Path
) -> None:
    """The campaign is forgotten, the keys were rotated, anybody may have written it."""  # M30, M31
    world.composer = make_composer(translations, stop_domain="bounce.example.org")
    world.launched(readers=2)
    world.send(world.office())
    with world.unit_of_work() as session:
        mails = {mail.recipient: message_from_bytes(mail.message) for mail in outbox.newest(session, 3)}
        session.execute(delete(Delivery))
    web, by_mail = "".join(mails["reader1@example.ca"]["List-Unsubscribe"].split()).split(",")
    assert web.startswith("<https://news.example.org/stop/")  # M26
    address = by_mail.strip("<>").removeprefix("mailto:")
    world.links = Links("https://news.example.org", [b"a key of after the rotation, 32 o", OLD_KEY])
    came = receive("From: max@elsewhere.example\n\n", to=address.upper())
    assert (came.shape, came.effect) == (Shape.unsubscribe, Effect.stopped)
    assert (states(world), states(world, 2)) == ({("ended", "mail")}, {("active", None)})


def test_stop_from_the_reader_and_from_nobody_else(sent: World, receive: Receive) -> None:
    """Whoever answers a forwarded mail stops nobody by it: a person reads that."""
    stop = sent.links.token(Purpose.STOP, (1, sent.notice_id))
    quoted = f"STOP\n\n> https://news.example.org/stop/{stop}\n"
    assert receive(f"From: max@example.ca\nSubject: Re: Tip 24\n\n{quoted}").state is State.waiting
    assert receive("From: reader1@example.ca\nSubject: Re: Tip 24\n\nSTOP\n").state is State.waiting
    assert states(sent) == {("active", None)}
    came = receive(f"From: Rose <Reader1@example.ca>\nSubject: Re: Tip 24\n\n{quoted}")
    assert (came.shape, came.effect) == (Shape.stop, Effect.stopped)
    assert states(sent) == {("ended", "mail")}


def test_holiday_notes_and_answers_have_no_effect(sent: World, receive: Receive) -> None:
    """The first are nothing, the others wait for a person; neither is answered by machine."""  # M45, M47
    note = "From: reader1@example.ca\nAuto-Submitted: auto-replied\nSubject: Absence\n\nSTOP\n"
    assert receive(note, to=verp(sent)).state is State.ignored
    assert receive("From: reader1@example.ca\nSubject: Re: Tip 24\n\nThank you!\n").state is State.waiting
    assert states(sent) == {("active", None)}
    with sent.unit_of_work() as session:
        assert [event.shape for event in feedback.waiting(session)] == ["reply"]
        assert feedback.count_waiting(session, 5) == 1
        assert session.scalar(select(func.count()).select_from(ServiceMail)) == 0


def move(world: World, **later: int) -> None:
    """Let the first reader have changed the address, so much after the mails left."""
    at = world.clock() + timedelta(**later)
    with world.unit_of_work() as session:
        change = AddressChange(
            subscriber_id=1, old_address="old@example.ca", new_address="reader1@example.ca",
            state="confirmed", created_at=at, confirmed_at=at,
        )  # fmt: skip
        session.add(change)


def test_a_bounce_of_an_address_that_was_changed_since(sent: World, receive: Receive) -> None:
    """It says nothing about the new one, nor about the new one's domain."""
    move(sent, hours=1)
    assert receive(UNKNOWN, to=verp(sent)).state is State.ignored
    assert receive(POLICY, to=verp(sent)).state is State.ignored
    assert suppressed(sent) == set()
    with sent.unit_of_work() as session:
        assert {event.domain for event in feedback.newest(session)} == {None}


def test_a_complaint_from_an_address_that_was_changed_since(sent: World, receive: Receive) -> None:
    """It counts for the campaign; the reader keeps the newsletters, until a mail says stop."""  # M43
    move(sent, hours=1)
    stop = sent.links.token(Purpose.STOP, (1, sent.notice_id))
    assert receive(complaint(local=verp(sent), stop=stop)).effect is Effect.noted
    assert (suppressed(sent), states(sent)) == (set(), {("active", None)})
    assert feedback_of(sent) == "complained"
    to = sent.links.stop_local((1, sent.notice_id))
    assert receive("From: old@example.ca\n\n", to=to).effect is Effect.stopped
    assert states(sent) == {("ended", "mail")}


def test_a_complaint_about_a_mail_that_is_lost(sent: World, receive: Receive) -> None:
    """A restored backup knows no such mail, its reader does: they get no more."""  # M43
    stop = sent.links.token(Purpose.STOP, (1, sent.notice_id))
    assert receive(complaint(local=verp(sent, 1, 99), stop=stop)).effect is Effect.ended
    assert (suppressed(sent), states(sent)) == ({("key-1", "bulk", "complaint")}, {("ended", "complaint")})
    with sent.unit_of_work() as session:
        assert delivery.came_back(session, sent.campaign_id).complained == 0


def test_a_complaint_about_a_lost_mail_to_one_of_several_addresses(sent: World, receive: Receive) -> None:
    """Which of them complains is not known: no more mail, and a new sign-up stays possible."""  # M43
    move(sent, hours=1)
    stop = sent.links.token(Purpose.STOP, (1, sent.notice_id))
    assert receive(complaint(local=verp(sent, 1, 99), stop=stop)).effect is Effect.ended
    assert (suppressed(sent), states(sent)) == (set(), {("ended", "complaint")})


def test_a_bounce_of_a_mail_that_never_left(sent: World, receive: Receive) -> None:
    """A token of before a restored backup may name a reader of today."""
    assert receive(UNKNOWN, to=verp(sent, 1, 99)).state is State.ignored
    with sent.unit_of_work() as session:
        session.execute(update(Delivery).values(state="queued", first_attempt_at=None))
    assert receive(f"{UNKNOWN}\n2", to=verp(sent)).state is State.ignored
    assert suppressed(sent) == set()


def test_a_service_mail_that_came_back(sent: World, receive: Receive) -> None:
    """Its address is suppressed like any; there may be no subscriber behind it."""
    with sent.unit_of_work() as session:
        mail = ServiceMail(
            kind="confirm", language="en", address="max@example.ca", address_key="key-max",
            due_at=sent.clock(), created_at=sent.clock(),
        )  # fmt: skip
        session.add(mail)
        session.flush()
        to = sent.links.bounce_local((0, mail.id))
    assert receive(UNKNOWN, to=to).effect is Effect.suppressed
    assert suppressed(sent) == {("key-max", "bulk", "bounce")}


def test_any_octets_are_kept(world: World, receive: Receive) -> None:
    """No sign that a database refuses gets that far."""  # M46
    odd = b"Subject: =?utf-8?q?=00x?=\nFrom: a@b.ca\n\n\0x"
    hostile = (
        b"",
        b"\0" * 50,
        odd,
        b"\xff\xfe" * 500,
        UNKNOWN.replace("no such", "\0\ud800").encode("utf-8", "surrogatepass"),
    )
    assert {receive(raw).effect for raw in hostile} == {None}
    with world.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(FeedbackEvent)) == len(hostile)


def test_a_provider_may_name_a_mail_by_its_message_id(sent: World) -> None:
    """Where there is such a mail and it went to that address; told again, it changes nothing."""  # M24, M43

    def take(key: str, address: str, mark: str) -> Received:
        told = Told(key, b"{}", address, complaint="abuse", message_ids=(mark,))
        with sent.unit_of_work() as session:
            return feedback.take(session, told, source="hook:test", links=sent.links, now=sent.clock())

    with sent.unit_of_work() as session:
        address = subscribers_address(session)
    mark = f"<c{sent.campaign_id}.1.{'0' * 16}@example.org>"
    assert take("1", "paul@example.ca", mark).state is State.unproven
    assert take("2", address, mark.replace(".1.", ".9.")).state is State.unproven
    assert take("3", address, mark.replace(f"c{sent.campaign_id}.", "c99.")).state is State.unproven
    assert states(sent) == {("active", None)}
    assert take("4", address.upper(), mark).effect is Effect.ended
    assert (states(sent), feedback_of(sent)) == ({("ended", "complaint")}, "complained")
    assert not take("4", address, mark).is_new


def test_whatever_a_provider_tells_is_kept(sent: World) -> None:
    """Signs that no text may hold are no reason to have it told again and again."""  # M46
    evil = "\0\ud800 5.1.1 \x1b[2J" * 300
    for shape in ({"complaint": evil}, {"diagnosis": evil, "status": evil}):
        told = Told(
            evil,
            b"\0",
            evil,
            texts=(evil, f"<{verp(sent)}@x.org>"),
            message_ids=(evil,),
            mail=b"\xff",
            **shape,
        )
        with sent.unit_of_work() as session:
            taken = feedback.take(session, told, source="hook:test", links=sent.links, now=sent.clock())
        assert taken.is_new is ("complaint" in shape)
    assert states(sent) == {("ended", "complaint")}


def subscribers_address(session: Session) -> str:
    return session.scalars(select(Subscriber.address).where(Subscriber.id == 1)).one()
