"""The watch over servers and domains: what one process finds out, the others know within a second."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.ledger import Watch
from newsletter_app.ledger.breaker_rules import PROBE_PAUSES, Kind
from newsletter_app.ledger.breakers import (
    Why,
    begin_probe,
    breakers_to_probe,
    close_breakers,
    end_probe,
    known_breakers,
    open_breakers,
    why,
)
from newsletter_app.mail.fleet import Failure
from newsletter_app.mail.opening import Trouble
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import Outcome, Result
from tests.fakes.transports import BUSY, NO_SUCH_PERSON, OK, POLICY

ONE, TWO = "one:25", "two:25"


@dataclass
class Post:
    """Some processes' watches over the same servers, and the moment they share."""

    unit_of_work: UnitOfWork
    now: datetime
    told: list[tuple[Kind, str, Why]] = field(default_factory=list)

    def watch(self, *servers: str, learns: bool = True) -> Watch:
        return Watch(servers or (ONE, TWO), lambda *what: self.told.append(what), learns=learns)

    def meet(
        self, watch: Watch, reply: Reply | None, many: int, *, domains: int = 5, server: str = ONE
    ) -> None:
        """Let a process meet this answer so often, from so many domains in turn, and record it."""
        for number in range(many):
            watch.see(f"reader@d{number % domains}.example", outcome(reply, server))
        self.write(watch)

    def write(self, watch: Watch) -> None:
        with self.unit_of_work() as session:
            watch.write(session, self.now)

    def look(self, watch: Watch) -> Watch:
        """Let a moment pass, then let the process look at what others know."""
        self.now += timedelta(seconds=1)
        with self.unit_of_work() as session:
            watch.look(session, self.now)
        return watch

    def out(self) -> list[tuple[str, str, str]]:
        with self.unit_of_work() as session:
            return [(one.kind, one.name, str(why(one))) for one in open_breakers(session)]


def outcome(reply: Reply | None, server: str = ONE) -> Outcome:
    if reply is None:
        result = Result.uncertain
    elif reply.code < 300:
        result = Result.accepted
    else:
        result = Result.refused if reply.code >= 500 else Result.deferred
    return Outcome("d:1:1", 1, result, reply, server, datetime(2026, 3, 2, tzinfo=UTC))


@pytest.fixture
def post(unit_of_work: UnitOfWork, now: datetime) -> Post:
    return Post(unit_of_work, now)


@pytest.mark.parametrize("reply", [POLICY, BUSY, NO_SUCH_PERSON, None])
def test_twenty_in_a_row_take_a_server_out(post: Post, reply: Reply | None) -> None:
    """Whatever the refusals are; everybody knows within a second, and why."""
    mine, other = post.watch(), post.look(post.watch())
    post.meet(mine, reply, 19)
    assert post.out() == []
    assert not mine.warns_of(ONE)
    mine.see("reader@d1.example", outcome(reply))
    assert mine.warns_of(ONE)
    assert not mine.warns_of(TWO)
    post.write(mine)
    words = f"{reply.code} {reply.enhanced} {reply.text}" if reply else "no-reply"
    assert post.out() == [("server", ONE, words)]
    assert post.told == [(Kind.server, ONE, Why(None, reply))]
    assert mine.shunned == post.look(other).shunned == {ONE}
    assert other.warns_of(ONE)


def test_an_acceptance_between_begins_the_count_anew(post: Post) -> None:
    watch = post.watch()
    for _ in range(5):
        post.meet(watch, POLICY, 19)
        post.meet(watch, OK, 5)
    assert post.out() == []
    with post.unit_of_work() as session:
        assert known_breakers(session) == []


def test_refusals_that_many_processes_met_add_up(post: Post) -> None:
    """None of them met twenty; five are worth telling."""
    watches = [post.watch() for _ in range(4)]
    for watch in watches:
        post.meet(watch, POLICY, 4)
    assert post.out() == []
    for watch in watches:
        post.meet(watch, POLICY, 1)
    assert [name for _, name, _ in post.out()] == [ONE]


def test_what_another_process_delivers_ends_the_doubts(post: Post) -> None:
    """It has read of them, and says so."""
    doubtful, confident = post.watch(), post.watch()
    post.meet(doubtful, POLICY, 15)
    post.meet(post.look(confident), OK, 1)
    with post.unit_of_work() as session:
        assert known_breakers(session) == []


def test_one_server_says_nothing_of_another(post: Post) -> None:
    watch = post.watch()
    for _ in range(3):
        post.meet(watch, POLICY, 10, server=ONE)
        post.meet(watch, OK, 10, server=TWO)
    assert [name for kind, name, _ in post.out() if kind == "server"] == [ONE]


def test_the_third_failed_opening_takes_a_server_out(post: Post) -> None:
    watch, refused = post.watch(), Reply(535, "5.7.8", "bad password")
    for in_a_row in (1, 2):
        watch.fail(Failure(ONE, Trouble.login_refused, refused, in_a_row))
        post.write(watch)
    assert post.out() == []
    watch.fail(Failure(ONE, Trouble.login_refused, refused, 3))
    post.write(watch)
    assert post.out() == [("server", ONE, "login-refused: 535 5.7.8 bad password")]


def test_one_domain_that_refuses_us_is_held(post: Post) -> None:
    """Five in a row while others accept: its mail waits, everybody else's goes on."""  # M40
    watch = post.watch()
    for _ in range(5):
        post.meet(watch, OK, 1, domains=1)
        watch.see("reader@strict.example", outcome(POLICY))
        post.write(watch)
    assert post.out() == [("domain", "strict.example", "550 5.7.26 Unauthenticated")]
    assert watch.holds("Other.Reader@Strict.Example")
    assert not watch.holds("reader@d0.example")
    assert post.look(post.watch()).held == {"strict.example"}
    assert watch.shunned == frozenset()


def test_a_domain_that_speaks_of_its_readers_is_not_held(post: Post) -> None:
    watch = post.watch()
    for reply in [POLICY, POLICY, POLICY, POLICY, NO_SUCH_PERSON] * 5:
        watch.see("reader@strict.example", outcome(reply))
        watch.see("reader@other.example", outcome(OK))
        post.write(watch)
    assert post.out() == []


def test_where_all_readers_are_of_one_domain_it_is_held_in_the_end(post: Post) -> None:
    """No server is taken out for one domain's sake."""
    watch = post.watch()
    post.meet(watch, POLICY, 19, domains=1)
    assert post.out() == []
    post.meet(watch, POLICY, 1, domains=1)
    assert [(kind, name) for kind, name, _ in post.out()] == [("domain", "d0.example")]


def test_service_mails_are_tried_where_no_other_server_is_left(post: Post) -> None:
    """They teach nobody, and wait behind no campaign's trouble."""
    service = post.watch(learns=False)
    post.meet(service, POLICY, 50)
    assert post.out() == []
    post.meet(post.watch(), POLICY, 20, server=ONE)
    assert post.look(service).shunned == {ONE}
    post.meet(post.watch(), POLICY, 20, server=TWO)
    assert post.look(service).shunned == frozenset()
    assert post.look(post.watch()).shunned == {ONE, TWO}


def test_a_server_may_come_back_after_its_probe_or_a_persons_word(post: Post) -> None:
    watch, now = post.watch(), post.now
    post.meet(watch, POLICY, 20)
    with post.unit_of_work() as session:
        assert breakers_to_probe(session, now) == []
        (breaker,) = breakers_to_probe(session, now + PROBE_PAUSES[0])
        assert begin_probe(session, breaker, now + PROBE_PAUSES[0])
        assert breakers_to_probe(session, now + PROBE_PAUSES[0]) == []
        assert not end_probe(session, breaker.id, Why(None, BUSY), now + PROBE_PAUSES[0])
    assert post.out() == [("server", ONE, "451 4.3.0 Try again later")]
    with post.unit_of_work() as session:
        later = now + PROBE_PAUSES[0] + PROBE_PAUSES[1]
        (breaker,) = breakers_to_probe(session, later)
        assert begin_probe(session, breaker, later)
        assert end_probe(session, breaker.id, None, later)
        assert not end_probe(session, breaker.id, Why(None, BUSY), later)
    assert post.look(watch).shunned == frozenset()
    post.meet(watch, POLICY, 19)
    assert post.out() == []
    post.meet(watch, POLICY, 1)
    with post.unit_of_work() as session:
        assert close_breakers(session, Kind.domain) == 0
        assert close_breakers(session, Kind.server) == 1
    assert post.out() == []


def test_nothing_is_written_and_little_is_asked_while_all_is_well(post: Post, engine: Engine) -> None:
    """One question a second, and single refusals among acceptances stay in the process."""
    statements: list[str] = []

    def listen(*facts: Any) -> None:
        statements.append(facts[2])

    event.listen(engine, "before_cursor_execute", listen)
    watch = post.look(post.watch())
    for _ in range(10):
        post.meet(watch, NO_SUCH_PERSON, 2)
        post.meet(watch, OK, 5)
        with post.unit_of_work() as session:
            watch.look(session, post.now)
    event.remove(engine, "before_cursor_execute", listen)
    assert len([words for words in statements if words.startswith("SELECT")]) == 1
    assert not any(words.startswith(("INSERT", "UPDATE", "DELETE")) for words in statements)


def test_two_processes_trip_it_once(post: Post) -> None:
    """The second finds it open and shuns the server all the same."""
    first, second = post.watch(), post.watch()
    for watch in (first, second):
        for number in range(20):
            watch.see(f"reader@d{number % 5}.example", outcome(POLICY))
    post.write(first)
    post.write(second)
    assert len(post.told) == 1
    assert second.shunned == {ONE}


def test_a_person_reads_no_address(post: Post, session: Session) -> None:
    """What a server said stands there as it was kept, addresses blotted out by the reader of replies."""
    post.meet(post.watch(), POLICY, 20)
    (breaker,) = open_breakers(session)
    assert "@" not in str(why(breaker)) + "".join(breaker.domains)
