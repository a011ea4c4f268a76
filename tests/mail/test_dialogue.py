"""Every rule of the SMTP dialogue, by tables and against a capricious server, without a socket."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter_app.mail.dialogue import Decided, Dialogue
from newsletter_app.mail.fitting import Offers, stuffed, unfit
from newsletter_app.mail.replies import Reply, Stage
from newsletter_app.mail.transport import Parcel, Result

PIPELINED = Offers(pipelining=True)
PLAIN = Offers()
BODY = b"Subject: {}\r\n\r\nHello.\r\n"

OK3 = b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 Go\r\n"
OK = b"250 2.0.0 Ok\r\n"
NO_RCPT = b"250 2.1.0 Ok\r\n550 5.1.1 No such user\r\n554 5.5.1 No valid recipients\r\n"
LOST, OVER = b"(the connection is lost)", b"(waited long enough)"


def parcel(number: int, message: bytes | None = None, recipient: str | None = None) -> Parcel:
    body = BODY.replace(b"{}", str(number).encode()) if message is None else message
    return Parcel(f"d:1:{number}", 1, f"b-{number}@b.example", recipient or f"r-{number}@example.org", body)


def group(number: int, rset: bool = False) -> bytes:
    head = b"RSET\r\n" if rset else b""
    return head + f"MAIL FROM:<b-{number}@b.example>\r\nRCPT TO:<r-{number}@example.org>\r\nDATA\r\n".encode()


def body(number: int) -> bytes:
    return BODY.replace(b"{}", str(number).encode()) + b".\r\n"


@dataclass
class Played:
    """What a dialogue wrote, turn by turn, and what it decided."""

    dialogue: Dialogue
    writes: list[bytes] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)

    @property
    def results(self) -> list[tuple[int, str]]:
        return [(int(one.parcel.key.rpartition(":")[2]), one.result.value) for one in self.decided]


def play(said: Sequence[bytes], parcels: int = 2, offers: Offers = PIPELINED, limit: int = 100) -> Played:
    """Let a dialogue send ``parcels`` messages to a server that says ``said``, one item per turn."""
    played = Played(Dialogue(offers, limit))
    waiting = deque(parcel(number) for number in range(1, parcels + 1))
    for words in [b"", *said]:
        if words == LOST:
            played.decided += played.dialogue.lost()
        elif words == OVER:
            played.decided += played.dialogue.give_up()
        elif words:
            played.decided += played.dialogue.receive(words)
        turn(played, waiting)
    return played


def turn(played: Played, waiting: deque[Parcel]) -> None:
    dialogue = played.dialogue
    while waiting and dialogue.ready:
        refused = dialogue.take(waiting.popleft())
        played.decided += [refused] if refused else []
    if pending := bytes(dialogue.pending):
        played.writes.append(pending)
        dialogue.handing_over(len(pending))
        dialogue.sent(len(pending))


PIPELINE = [
    # (what happens, what the server says turn by turn, what is decided, what was written turn by turn)
    ("all goes well", [OK3, OK + OK3, OK], "1 accepted, 2 accepted", [group(1), body(1) + group(2), body(2)]),
    (
        "each reply by itself",
        [OK3, OK, OK3, OK],
        "1 accepted, 2 accepted",
        [group(1), body(1) + group(2), body(2)],
    ),
    (
        "a refused recipient",
        [NO_RCPT, OK + OK3, OK],
        "1 refused, 2 accepted",
        [group(1), group(2, rset=True), body(2)],
    ),
    (
        "a refused recipient behind a dot",
        [OK3, OK + NO_RCPT],
        "1 accepted, 2 refused",
        [group(1), body(1) + group(2)],
    ),
    (
        "a recipient put off",
        [b"250 a\r\n451 4.7.1 Greylisted\r\n554 c\r\n"],
        "1 deferred",
        [group(1), group(2, True)],
    ),
    ("a refused sender", [b"550 5.1.8 a\r\n503 b\r\n503 c\r\n"], "1 refused", [group(1), group(2, True)]),
    ("a sender put off", [b"452 4.3.1 a\r\n503 b\r\n503 c\r\n"], "1 deferred", [group(1), group(2, True)]),
    ("DATA refused", [b"250 a\r\n250 b\r\n554 5.7.1 c\r\n"], "1 refused", [group(1), group(2, True)]),
    ("DATA put off", [b"250 a\r\n250 b\r\n451 4.3.0 c\r\n"], "1 deferred", [group(1), group(2, True)]),
    (
        "354 in spite of the refusal",
        [b"250 a\r\n550 b\r\n354 c\r\n", b"554 d\r\n" + OK + OK3, OK],
        "1 refused, 2 accepted",
        [group(1), b".\r\n" + group(2, True), body(2)],
    ),
    (
        "354 and a lone dot taken",
        [b"250 a\r\n550 b\r\n354 c\r\n", b"250 d\r\n" + OK + OK3, OK],
        "1 refused, 2 accepted",
        [group(1), b".\r\n" + group(2, True), body(2)],
    ),
    # A lone dot would deliver an empty message to a recipient that was taken.
    ("354 after a refused sender only", [b"550 a\r\n250 b\r\n354 c\r\n"], "1 refused", [group(1)]),
    (
        "the message refused",
        [OK3, b"554 5.7.1 Spam\r\n" + OK3, OK],
        "1 refused, 2 accepted",
        [group(1), body(1) + group(2), body(2)],
    ),
    (
        "the message put off",
        [OK3, b"452 4.3.1 Full\r\n" + OK3, OK],
        "1 deferred, 2 accepted",
        [group(1), body(1) + group(2), body(2)],
    ),
    # 421 ends the connection: nobody pays for it but a message it answers.
    ("421 to MAIL", [b"421 4.3.2 Bye\r\n"], "1 unsent", [group(1)]),
    ("421 to RCPT", [b"250 a\r\n421 4.3.2 Bye\r\n"], "1 unsent", [group(1)]),
    ("421 to DATA", [b"250 a\r\n250 b\r\n421 Bye\r\n"], "1 unsent", [group(1)]),
    ("421 to DATA behind a refusal", [b"250 a\r\n550 b\r\n421 Bye\r\n"], "1 refused", [group(1)]),
    (
        "421 to a final dot",
        [OK3, b"421 4.3.2 Bye\r\n"],
        "1 deferred, 2 unsent",
        [group(1), body(1) + group(2)],
    ),
    (
        "421 behind a final dot",
        [OK3, OK + b"421 Bye\r\n"],
        "1 accepted, 2 unsent",
        [group(1), body(1) + group(2)],
    ),
    ("421 to RSET", [NO_RCPT, b"421 Bye\r\n"], "1 refused, 2 unsent", [group(1), group(2, True)]),
    (
        "nothing counts behind 421",
        [OK3, b"421 Bye\r\n" + OK + OK3],
        "1 deferred, 2 unsent",
        [group(1), body(1) + group(2)],
    ),
    # Lost or timed out (RFC 1047 for what comes after the final dot).
    ("lost before any reply", [LOST], "1 deferred", [group(1)]),
    ("lost after MAIL", [b"250 a\r\n", LOST], "1 deferred", [group(1)]),
    ("lost after RCPT", [b"250 a\r\n250 b\r\n", LOST], "1 deferred", [group(1)]),
    ("lost after a refusal", [b"250 a\r\n550 b\r\n", LOST], "1 refused", [group(1)]),
    ("lost after the final dot", [OK3, LOST], "1 uncertain, 2 unsent", [group(1), body(1) + group(2)]),
    ("lost after the dot's reply", [OK3, OK, LOST], "1 accepted, 2 deferred", [group(1), body(1) + group(2)]),
    ("lost before RSET's reply", [NO_RCPT, LOST], "1 refused, 2 unsent", [group(1), group(2, True)]),
    (
        "lost in the middle of a reply",
        [OK3, b"250 2.0.0", LOST],
        "1 uncertain, 2 unsent",
        [group(1), body(1) + group(2)],
    ),
    ("no time left, dot unanswered", [OK3, OVER], "1 uncertain, 2 unsent", [group(1), body(1) + group(2)]),
    ("no time left, group unanswered", [b"250 a\r\n", OVER], "1 unsent", [group(1)]),
    # A reply too few or too many: nothing said in the same breath proves anything.
    ("too few: RCPT's is missing", [b"250 a\r\n354 c\r\n"], "1 unsent", [group(1)]),
    (
        "too few: MAIL's is missing behind a dot",
        [OK3, OK + b"250 b\r\n354 c\r\n"],
        "1 uncertain, 2 unsent",
        [group(1), body(1) + group(2)],
    ),
    ("too few: the dot's is missing", [OK3, OK3], "1 uncertain, 2 unsent", [group(1), body(1) + group(2)]),
    (
        "too few: a refused MAIL for the dot's",
        [OK3, b"550 a\r\n503 b\r\n503 c\r\n"],
        "1 uncertain, 2 unsent",
        [group(1), body(1) + group(2)],
    ),
    ("too many: MAIL's twice", [b"250 a\r\n" + OK3], "1 unsent", [group(1)]),
    ("too many: one behind 354", [OK3 + b"250 Ok\r\n"], "1 unsent", [group(1)]),
    ("too many: 354 twice", [OK3 + b"354 Go\r\n"], "1 unsent", [group(1)]),
    ("too many: behind a refusal", [NO_RCPT + b"554 again\r\n"], "1 unsent", [group(1)]),
    (
        "too many: unasked between messages",
        [OK3, OK + NO_RCPT, b"250 what?\r\n"],
        "1 accepted, 2 refused",
        [group(1), body(1) + group(2)],
    ),
    ("503 is no verdict on a person", [b"503 nested MAIL\r\n"], "1 unsent", [group(1)]),
    ("RSET not understood", [NO_RCPT, b"500 what?\r\n"], "1 refused, 2 unsent", [group(1), group(2, True)]),
    ("no SMTP at all", [b"HTTP/1.1 400 Bad Request\r\n"], "1 unsent", [group(1)]),
    ("250 to DATA", [b"250 a\r\n250 b\r\n250 c\r\n"], "1 unsent", [group(1)]),
    ("354 to a final dot", [OK3, b"354 Go on\r\n"], "1 uncertain, 2 unsent", [group(1), body(1) + group(2)]),
]


@pytest.mark.parametrize(("name", "said", "results", "writes"), PIPELINE, ids=[row[0] for row in PIPELINE])
def test_a_pipelined_connection(  # M14, M17, M19
    name: str, said: list[bytes], results: str, writes: list[bytes]
) -> None:
    played = play(said)
    assert ", ".join(f"{number} {result}" for number, result in played.results) == results
    assert played.writes == writes


def commands(number: int) -> list[bytes]:
    return group(number).splitlines(keepends=True)


STEP_BY_STEP = [
    ("all goes well", [OK, OK, b"354 Go\r\n", OK], "1 accepted", [*commands(1), body(1), commands(2)[0]]),
    (
        "a refused recipient",
        [OK, b"550 5.1.1 b\r\n", OK],
        "1 refused",
        [*commands(1)[:2], b"RSET\r\n", commands(2)[0]],
    ),
    (
        "a refused sender",
        [b"550 5.1.8 a\r\n", OK],
        "1 refused",
        [commands(1)[0], b"RSET\r\n", commands(2)[0]],
    ),
    ("DATA put off", [OK, OK, b"451 c\r\n"], "1 deferred", [*commands(1), b"RSET\r\n"]),
    (
        "the message refused",
        [OK, OK, b"354 Go\r\n", b"554 d\r\n", OK],
        "1 refused",
        [*commands(1), body(1), b"RSET\r\n", commands(2)[0]],
    ),
    ("421 to RCPT", [OK, b"421 Bye\r\n"], "1 unsent", commands(1)[:2]),
    ("lost before the dot's reply", [OK, OK, b"354 Go\r\n", LOST], "1 uncertain", [*commands(1), body(1)]),
    ("lost before DATA's reply", [OK, OK, LOST], "1 deferred", commands(1)),
    ("lost before RSET's reply", [b"550 a\r\n", LOST], "1 refused, 2 unsent", [commands(1)[0], b"RSET\r\n"]),
    ("too many", [OK + OK, OK], "1 unsent", commands(1)[:1]),
]


@pytest.mark.parametrize(
    ("name", "said", "results", "writes"), STEP_BY_STEP, ids=[row[0] for row in STEP_BY_STEP]
)
def test_without_pipelining_one_command_at_a_time(  # M19
    name: str, said: list[bytes], results: str, writes: list[bytes]
) -> None:
    played = play(said, offers=PLAIN)
    assert ", ".join(f"{number} {result}" for number, result in played.results) == results
    assert played.writes == writes


def test_a_body_that_has_not_left_whole_is_put_off_not_uncertain() -> None:  # M14
    dialogue = Dialogue(PIPELINED)
    dialogue.take(parcel(1))
    dialogue.sent(len(dialogue.pending))
    assert dialogue.receive(OK3) == []
    dialogue.sent(len(dialogue.pending) - 1)
    assert [one.result for one in dialogue.lost()] == [Result.deferred]


def test_the_journal_is_asked_once_and_before_the_dot_leaves() -> None:
    dialogue = Dialogue(PIPELINED)
    dialogue.take(parcel(1))
    assert dialogue.handing_over(len(dialogue.pending)) is None
    dialogue.sent(len(dialogue.pending))
    dialogue.receive(OK3)
    dialogue.take(parcel(2))
    to_dot = len(body(1))
    assert dialogue.handing_over(to_dot - 1) is None
    dialogue.sent(5)
    assert dialogue.handing_over(to_dot - 6) is None
    assert dialogue.handing_over(to_dot - 5) == parcel(1)
    assert dialogue.handing_over(to_dot) is None


MID_BODY = [
    (b"552 5.3.4 Too big\r\n", Result.refused),
    (b"452 4.3.1 Full\r\n", Result.deferred),
    (b"421 4.3.2 Bye\r\n", Result.unsent),
    (b"250 Ok\r\n", Result.unsent),
    (b"503 What?\r\n", Result.unsent),
]


@pytest.mark.parametrize(("said", "result"), MID_BODY)
def test_a_reply_while_the_body_is_being_written_ends_the_connection(said: bytes, result: Result) -> None:
    dialogue = Dialogue(PIPELINED)
    dialogue.take(parcel(1))
    dialogue.sent(len(dialogue.pending))
    dialogue.receive(OK3)
    dialogue.take(parcel(2))
    dialogue.sent(10)
    decided = dialogue.receive(said)
    assert [(one.parcel, one.result) for one in decided] == [(parcel(1), result), (parcel(2), Result.unsent)]
    assert dialogue.closing


def test_held_it_begins_no_message_and_writes_no_body() -> None:
    dialogue = Dialogue(PIPELINED)
    dialogue.take(parcel(1))
    dialogue.sent(len(dialogue.pending))
    dialogue.hold()
    assert [one.result for one in dialogue.receive(OK3)] == [Result.unsent]
    assert not dialogue.pending
    again = Dialogue(PIPELINED)
    again.hold()
    assert not again.ready
    again.hold(False)
    assert again.ready


def test_after_its_last_message_it_says_quit() -> None:  # M22
    played = play([OK3, OK + OK3, OK, b"221 Bye\r\n"], parcels=3, limit=2)
    assert played.results == [(1, "accepted"), (2, "accepted")]
    assert played.writes == [group(1), body(1) + group(2), body(2), b"QUIT\r\n"]
    assert played.dialogue.closing
    assert not played.dialogue.ready


def test_the_usual_limit_is_a_hundred_messages() -> None:  # M22
    played = play([OK3, *[OK + OK3] * 99, OK], parcels=150)
    assert len(played.results) == 100
    assert played.writes[-1] == b"QUIT\r\n"


def test_a_refused_last_message_is_no_reason_to_stay() -> None:
    played = play([b"250 a\r\n550 b\r\n354 c\r\n", b"554 d\r\n"], limit=1)
    assert played.writes == [group(1), b".\r\n", b"QUIT\r\n"]


def test_it_says_which_answer_it_awaits() -> None:  # M16
    dialogue = Dialogue(PIPELINED)
    stages = [dialogue.expecting]
    dialogue.take(parcel(1))
    for said in (b"250 a\r\n", b"250 b\r\n", b"354 c\r\n", OK):
        stages.append(dialogue.expecting)
        dialogue.receive(said)
        dialogue.sent(len(dialogue.pending))
    assert [*stages, dialogue.expecting] == [None, Stage.mail, Stage.rcpt, Stage.data, Stage.dot, None]


NULL = Parcel("s:1", 1, "", "r-1@example.org", BODY)
FOREIGN = "hélène@example.org"
FITS = [
    (NULL, PIPELINED, None),
    (parcel(1, b"x" * 100), Offers(size=99), "5.3.4"),
    (parcel(1, b"x" * 100), Offers(size=100), None),
    (parcel(1, b"x" * 100), Offers(size=0), None),
    (parcel(1, recipient=FOREIGN), PIPELINED, "5.6.7"),
    (parcel(1, recipient=FOREIGN), Offers(smtputf8=True), None),
    (parcel(1, recipient="a@b.example> SIZE=1"), PIPELINED, "5.1.3"),
    (parcel(1, recipient="a@b.example\r\nDATA"), PIPELINED, "5.1.3"),
    (parcel(1, recipient="a b@b.example"), PIPELINED, "5.1.3"),
    (parcel(1, recipient="nobody"), PIPELINED, "5.1.3"),
    (Parcel("s:1", 1, "x\n@b.example", "a@b.example", BODY), PIPELINED, "5.1.7"),
    (parcel(1, b"a\n.\r\n"), PIPELINED, "5.6.0"),
    (parcel(1, b"a\r.\r\n"), PIPELINED, "5.6.0"),
    (parcel(1, "é\r\n".encode()), PIPELINED, "5.6.3"),
]


@pytest.mark.parametrize(("one", "offers", "enhanced"), FITS)
def test_what_a_server_could_not_take_is_refused_before_a_word_is_said(  # M10, M11, M19
    one: Parcel, offers: Offers, enhanced: str | None
) -> None:
    refusal = unfit(one, offers)
    assert (refusal.enhanced if refusal else None) == enhanced
    dialogue = Dialogue(offers)
    decided = dialogue.take(one)
    assert (decided is None) == (enhanced is None)
    assert bool(dialogue.pending) == (enhanced is None)


def test_what_is_offered_is_used_and_nothing_else() -> None:  # M19
    told = Dialogue(Offers(pipelining=True, size=1000, smtputf8=True))
    told.take(parcel(1, b"x" * 100))
    assert bytes(told.pending).startswith(b"MAIL FROM:<b-1@b.example> SIZE=100\r\n")
    foreign = Dialogue(Offers(pipelining=True, smtputf8=True))
    foreign.take(parcel(1, recipient=FOREIGN))
    assert bytes(foreign.pending).startswith(b"MAIL FROM:<b-1@b.example> SMTPUTF8\r\nRCPT TO:<h\xc3\xa9l")
    null = Dialogue(PIPELINED)
    null.take(NULL)
    assert bytes(null.pending).startswith(b"MAIL FROM:<>\r\n")


STUFFED = [
    (b".\r\n", b"..\r\n"),
    (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n"),
    (b"a\r\n..b\r\n", b"a\r\n...b\r\n"),
    (b"a.\r\n", b"a.\r\n"),
    (b"a\n.\n", b"a\n..\n\r\n"),
    (b"a", b"a\r\n"),
    (b"", b""),
]


@pytest.mark.parametrize(("message", "travels"), STUFFED)
def test_leading_dots_are_doubled(message: bytes, travels: bytes) -> None:  # M1, M13
    assert b"".join(stuffed(message)) == travels


LINES = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a", b"a."]), max_size=8)


@given(LINES)
def test_every_message_ends_only_at_its_end_and_arrives_unchanged(lines: list[bytes]) -> None:  # M1, M13
    message = b"".join(line + b"\r\n" for line in lines)
    travels = b"".join(stuffed(message)) + b".\r\n"
    received, _, rest = (b"\r\n" + travels).partition(b"\r\n.\r\n")
    assert rest == b""
    assert re.sub(rb"\r\n\.", rb"\r\n", received + b"\r\n") == b"\r\n" + message


# A server with whims: it keeps a lawful transaction (RFC 5321 4.1.4) but answers as hypothesis pleases.

WHIMS = ["ok"] * 12 + ["4xx", "5xx", "421", "drop", "omit", "twice", "go on"]


class Capricious:
    """Reads octets, says replies, and keeps its own account of what it accepted."""

    def __init__(
        self, whims: Sequence[str], account: list[tuple[str, str, bytes]], faults: list[str]
    ) -> None:
        self.whims = deque(whims)
        self.account, self.faults = account, faults
        self.buffer = self.said = b""
        self.sender: str | None = None
        self.recipient: str | None = None
        self.in_message = self.gone = False

    def hear(self, octets: bytes) -> None:
        self.buffer += octets
        while not self.gone:
            end = b"\r\n.\r\n" if self.in_message and not self.buffer.startswith(b".\r\n") else b"\r\n"
            line, found, rest = self.buffer.partition(end)
            if not found:
                return
            self.buffer = rest
            self.end(line + b"\r\n" if end != b"\r\n" else b"") if self.in_message else self.command(line)

    def answer(self, usual: bytes) -> bool:
        """Say the usual or give in to a whim; True when it is a positive reply."""
        whim = self.whims.popleft() if self.whims else "ok"
        if whim == "drop":
            self.gone = True
            return False
        if whim == "421":
            self.said += b"421 4.3.2 bye\r\n"
            self.gone = True
            return False
        if whim in ("4xx", "5xx"):
            self.said += b"450 4.0.0 whim\r\n" if whim == "4xx" else b"550 5.0.0 whim\r\n"
            return False
        times = 0 if whim == "omit" else 2 if whim == "twice" else 1
        self.said += usual * times
        return usual[:1] in b"23"

    def command(self, line: bytes) -> None:
        if line.startswith(b"MAIL FROM:<"):
            if self.sender:
                self.faults.append("MAIL inside a transaction")
                self.said += b"503 nested\r\n"
            elif self.answer(b"250 ok\r\n"):
                self.sender = line[11:].partition(b">")[0].decode()
        elif line.startswith(b"RCPT TO:<"):
            if self.sender and self.answer(b"250 ok\r\n"):
                self.recipient = line[9:].partition(b">")[0].decode()
            elif not self.sender:
                self.said += b"503 need MAIL\r\n"
        elif line == b"DATA":
            self.data()
        elif line == b"RSET":
            self.sender = self.recipient = None
            self.answer(b"250 ok\r\n")
        elif line == b"QUIT":
            self.gone = True
        else:
            self.faults.append(f"unknown command {line!r}")
            self.said += b"500 what\r\n"

    def data(self) -> None:
        if self.recipient:
            self.in_message = self.answer(b"354 go\r\n")
        elif self.whims and self.whims[0] == "go on":
            self.whims.popleft()
            self.said += b"354 go on\r\n"
            self.in_message = True
        else:
            self.said += b"554 no valid recipients\r\n"

    def end(self, message: bytes) -> None:
        self.in_message = False
        sender, recipient = self.sender, self.recipient
        self.sender = self.recipient = None
        if not recipient:
            if message:
                self.faults.append("a body without a recipient")
            self.said += b"554 nobody\r\n"
            return
        assert sender
        if not message:
            self.faults.append("an empty message")
        whim = self.whims[0] if self.whims else "ok"
        if whim in ("ok", "go on", "omit", "twice", "drop"):  # "drop": taken, and gone before saying so.
            self.account.append((sender, recipient, message))
        if whim == "omit":
            # Nobody can tell a server that answers the next command instead from one that answers the dot;
            # what can be seen of it in one breath stands in the table above.
            self.whims[0] = "drop"
        self.answer(b"250 queued\r\n")


@dataclass
class Campaign:
    """Parcels sent over as many connections as it takes, with the account of both sides."""

    draw: st.DataObject
    offers: Offers
    account: list[tuple[str, str, bytes]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    journalled: list[Parcel] = field(default_factory=list)

    def run(self, parcels: list[Parcel]) -> None:
        waiting = deque(parcels)
        while waiting:
            whims = self.draw.draw(st.lists(st.sampled_from(WHIMS), max_size=40))
            self.connection(Dialogue(self.offers, 5), Capricious(whims, self.account, self.faults), waiting)

    def connection(self, dialogue: Dialogue, server: Capricious, waiting: deque[Parcel]) -> None:
        while not dialogue.closing and (waiting or dialogue.busy):
            while waiting and dialogue.ready:
                assert dialogue.take(waiting.popleft()) is None
            moved = self.send(dialogue, server) + self.hear(dialogue, server)
            if not moved:
                self.decided += dialogue.lost()  # It hangs, or is gone.

    def send(self, dialogue: Dialogue, server: Capricious) -> int:
        octets = self.draw.draw(st.sampled_from([10**6, 10**6, 10**6, 7, 60])) if dialogue.pending else 0
        octets = min(octets, len(dialogue.pending))
        if octets and not server.gone:
            if announced := dialogue.handing_over(octets):
                self.journalled.append(announced)
            server.hear(bytes(dialogue.pending[:octets]))
            dialogue.sent(octets)
            return octets
        return 0

    def hear(self, dialogue: Dialogue, server: Capricious) -> int:
        octets = self.draw.draw(st.sampled_from([10**6, 10**6, 3, 20])) if server.said else 0
        said, server.said = server.said[:octets], server.said[octets:]
        if said:
            self.decided += dialogue.receive(said)
        return len(said)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.booleans(), st.integers(1, 9))
def test_whatever_the_server_does_nobody_is_lost_doubled_or_mixed_up(  # M14, M17, M18, M19
    data: st.DataObject, pipelining: bool, count: int
) -> None:
    parcels = [parcel(number) for number in range(count)]
    campaign = Campaign(data, Offers(pipelining=pipelining))
    campaign.run(parcels)
    assert Counter(one.parcel.key for one in campaign.decided) == Counter(one.key for one in parcels)
    assert campaign.faults == []
    accepted = Counter(campaign.account)
    sound = {(one.sender, one.recipient, one.message) for one in parcels}
    assert set(accepted) <= sound  # Never a foreign sender, never another's or an empty body.
    assert all(times == 1 for times in accepted.values())
    for one in campaign.decided:
        arrived = (one.parcel.sender, one.parcel.recipient, one.parcel.message) in accepted
        assert arrived or one.result is not Result.accepted
        assert not arrived or one.result in (Result.accepted, Result.uncertain)
        assert one.parcel in campaign.journalled or one.result not in (Result.accepted, Result.uncertain)
        assert (one.result in (Result.accepted, Result.refused)) <= (one.reply is not None)


# The usual replies are heard by a lane of their own; it must be the same machine.

USUAL = OK + OK3
STRIDES = [USUAL] * 6 + [
    b"250 2.0.0 Ok: queued as 4X\n250 a\n250 b\n354 c\n",
    b"250 queued for r-1@example.org \r\n250 2.1.0\r\n250 \r\n354 Go\r\n",
    b"250 2.0.0\r\n250 a\r\n250 b\r\n354 c\r\n",
    b"250 2.0.0\t tabbed  \xc3\xa9\xff\r\r\n250 a\r\n250 b\r\n354 c\r\n",
    b"250 4.0.0 odd\r\n250 a\r\n250 b\r\n354 c\r\n",
    b"250 " + b"x" * 4100 + b"\r\n250 a\r\n250 b\r\n354 c\r\n",
    b"250\r\n250 a\r\n250 b\r\n354 c\r\n",
    b"250-2.0.0 a\r\n250 2.0.0 b\r\n250 a\r\n250 b\r\n354 c\r\n",
    b"251 a\r\n250 b\r\n250 c\r\n354 d\r\n",
    b"250 a\r\n354 b\r\n250 c\r\n354 d\r\n",
    USUAL + OK3,
    OK3 + OK,
    OK + NO_RCPT,
    b"450 4.2.0 busy\r\n" + OK3,
    b"250 a\r\n421 bye\r\n250 c\r\n354 d\r\n",
    b"what?\r\n250 a\r\n250 b\r\n354 c\r\n",
]
CRUMBS = [b"250-a\r\n", b"2", b"50 b\r\n", OK, OK3, USUAL[:7], USUAL[7:]]


class Unhurried(Dialogue):
    """The dialogue without that lane."""

    def _read_stride(self, octets: bytes) -> Reply | None:
        return None


def seen(dialogue: Dialogue) -> tuple[object, ...]:
    """What can be seen of a dialogue from outside."""
    facts = (dialogue.ready, dialogue.busy, dialogue.closing, dialogue.expecting, dialogue.answered)
    return (*facts, bytes(dialogue.pending), dialogue.outgoing.to_dot)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from([True, True, True, False]), st.integers(1, 6))
def test_the_lane_for_usual_replies_is_the_same_machine(
    data: st.DataObject, pipelining: bool, limit: int
) -> None:
    pair = [kind(Offers(pipelining=pipelining), limit) for kind in (Dialogue, Unhurried)]
    said = data.draw(st.lists(st.sampled_from(STRIDES + CRUMBS * 3), max_size=6))
    for number, say in enumerate([b"", OK3, *said]):
        held = data.draw(st.sampled_from([False] * 9 + [True]))
        left = data.draw(st.sampled_from([0, 0, 0, 0, 1, 90]))
        before = [step(one, number, say, held, left) for one in pair]
        assert before[0] == before[1]
    assert pair[0].lost() == pair[1].lost()


def step(dialogue: Dialogue, number: int, say: bytes, held: bool, left: int) -> tuple[object, ...]:
    """Begin a parcel if possible, write all but ``left`` octets of what is pending, hear ``say``."""
    dialogue.hold(held)
    taken = dialogue.take(parcel(number)) if dialogue.ready else None
    octets = max(0, len(dialogue.pending) - left)
    announced = dialogue.handing_over(octets) if octets else None
    dialogue.sent(octets)
    decided = dialogue.receive(say) if say and not dialogue.closing else []
    return (taken, announced, decided, *seen(dialogue))
