"""One SMTP connection after its EHLO, as a state machine: octets in, decisions out; it opens nothing.

The order of things (RFC 5321, RFC 2920): a *group* is MAIL, RCPT and DATA of one message, written at once
where PIPELINING is offered. All replies of a group are read; the first refusal decides, what follows is its
consequence. A body is written only after 2xx, 2xx, 354 of this very message, and the next message's group
goes behind its final dot, so at most one final dot is unanswered. When replies and commands fall out of
step the connection ends.

What the end of a connection means for its messages:

- final dot left, no reply: *uncertain* (RFC 1047), whatever ended it;
- its own commands or body were under way: *deferred* when the connection was lost or timed out (RFC 5321
  4.5.4.1), *unsent* after 421, after a reply too few or too many, or when the hand-over had to end;
- its commands stood behind something unanswered: *unsent*.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from newsletter_app.mail.fitting import Offers, commands, stuffed, unfit
from newsletter_app.mail.outgoing import Outgoing
from newsletter_app.mail.replies import Reply, ReplyReader, Stage, Verdict, classify, read_stride
from newsletter_app.mail.transport import Parcel, Result, result_of

MESSAGES_PER_CONNECTION: Final = 100

_GROUP: Final = (Stage.mail, Stage.rcpt, Stage.data)
# Reading a member off its enumeration is dear in Python 3.11.
_DOT: Final = Stage.dot
_STRIDE: Final = [_DOT, *_GROUP]
# Whatever a refused message left behind must not become the next one's sender.
_RSET: Final = (Stage.rset, b"RSET\r\n")


class Decided(NamedTuple):
    """A parcel's result, with the reply that decided it if there was one."""

    parcel: Parcel
    result: Result
    reply: Reply | None

    @property
    def is_fruit(self) -> bool:
        """Whether the server did something with the message, rather than only end the connection."""
        return self.result is Result.uncertain or (
            self.result is not Result.unsent and self.reply is not None
        )


class Dialogue:
    """The state of one connection. Feed it by ``take``, ``receive``, ``sent``; write what is ``outgoing``."""

    def __init__(self, offers: Offers, limit: int = MESSAGES_PER_CONNECTION) -> None:
        """Begin between two messages; after ``limit`` messages it says QUIT."""
        self.offers = offers
        self.closing = False
        self.answered = 0
        self._limit = limit
        self._begun = 0
        self._reader = ReplyReader()
        self.outgoing = Outgoing()
        self._awaiting: list[Stage] = []
        self._steps: deque[tuple[Stage, bytes]] = deque()
        self._group: Parcel | None = None
        self._refusal: Decided | None = None
        self._recipient_taken = False
        self._body_due = False
        self._dot: Parcel | None = None
        self._dot_heard: Parcel | None = None  # The parcel whose final dot the present octets answered.
        self._needs_rset = False
        self._held = False
        self._leaving = False

    @property
    def ready(self) -> bool:
        """Whether another parcel may be taken now."""
        if self.closing or self._leaving or self._held or self._group or self._begun >= self._limit:
            return False
        return self.offers.pipelining or not self._awaiting

    @property
    def busy(self) -> bool:
        """Whether a parcel is undecided."""
        return self._group is not None or self._dot is not None

    @property
    def expecting(self) -> Stage | None:
        """What the next reply must answer, None when nothing is unanswered."""
        return self._awaiting[0] if self._awaiting else None

    @property
    def pending(self) -> memoryview:
        """The octets to be sent, in order."""
        return self.outgoing.pending(self.outgoing.size)

    def handing_over(self, octets: int) -> Parcel | None:
        """Return, once, the parcel whose final dot stands among the next ``octets``: journal, then send."""
        outgoing = self.outgoing
        if outgoing.is_announced or outgoing.to_dot > octets:
            return None
        outgoing.is_announced = True
        return self._dot

    def sent(self, octets: int) -> None:
        """Take note that so many of the pending octets have left."""
        self.outgoing.sent(octets)

    def take(self, parcel: Parcel) -> Decided | None:
        """Begin a parcel (only when ``ready``); decided at once when this server cannot take it."""
        if refusal := unfit(parcel, self.offers):
            return Decided(parcel, Result.refused, refusal)
        self._group = parcel
        self._refusal = None
        self._recipient_taken = False
        self._begun += 1
        self._begin(commands(parcel, self.offers))
        return None

    def receive(self, octets: bytes) -> list[Decided]:
        """Take what the server sent and return what it decided."""
        if self._awaiting == _STRIDE and (reply := self._read_stride(octets)):
            return self._hear_stride(reply)
        decided: list[Decided] = []
        self._dot_heard = None
        for reply in self._reader.feed(octets):
            if self.closing:
                return decided  # Nothing counts that was said behind the end.
            decided += self._hear(reply, decided)
        if self._reader.broken and not self.closing:
            decided += self._fall_out_of_step(decided)
        if self._body_due and not self.closing:
            decided += self._write_body()
        if self._begun >= self._limit and not self.busy and not self._awaiting:
            self.leave()
        return decided

    def lost(self) -> list[Decided]:
        """Return what the end of the connection, or a time-out, makes of the undecided parcels."""
        return self._end(Result.deferred)

    def give_up(self) -> list[Decided]:
        """End at our own wish, waiting no longer; the connection is to be closed."""
        return self._end(Result.unsent)

    def hold(self, held: bool = True) -> None:
        """Begin no further message and write no further body, until told otherwise; replies are heard."""
        self._held = held

    def leave(self) -> None:
        """Say QUIT (between messages only)."""
        if not (self.closing or self._leaving):
            self._leaving = True
            self._say(Stage.quit, b"QUIT\r\n")

    def _begin(self, group: bytes) -> None:
        """Say MAIL, RCPT and DATA; without PIPELINING only the first of them now."""
        needs_rset, self._needs_rset = self._needs_rset, False
        if self.offers.pipelining:
            if needs_rset:
                self._say(*_RSET)
            self._awaiting += _GROUP
            self.outgoing.write(group)
        else:
            self._steps.extend([_RSET] if needs_rset else ())
            self._steps.extend(zip(_GROUP, group.splitlines(keepends=True), strict=True))
            self._step()

    def _step(self) -> None:
        """Say the next command that waits for its turn."""
        if self._steps:
            self._say(*self._steps.popleft())

    def _say(self, stage: Stage, octets: bytes) -> None:
        self._awaiting.append(stage)
        self.outgoing.write(octets)

    def _read_stride(self, octets: bytes) -> Reply | None:
        """Return the final dot's reply if these octets are all of the usual replies to a dot and a group."""
        if self.closing or self.outgoing.to_dot or self._reader.is_amid:
            return None
        return read_stride(octets)

    def _hear_stride(self, reply: Reply) -> list[Decided]:
        """Do at once what ``_hear`` does for a dot, MAIL, RCPT and DATA that were all taken."""
        self._awaiting.clear()
        self.answered += len(_STRIDE)
        self._recipient_taken = True
        return self._decide_dot(reply) + self._write_body()

    def _hear(self, reply: Reply, before: list[Decided]) -> list[Decided]:
        """Judge one reply at its stage; ``before`` is what the same octets decided already."""
        if reply.code == 421:
            return self._hear_goodbye(reply)
        if not self._awaiting:
            return self._fall_out_of_step(before)
        if self.outgoing.to_dot:
            return self._hear_too_early(reply, before)
        if self.outgoing.size and not self.offers.pipelining:
            return self._fall_out_of_step(before)  # It cannot answer a command that has not left.
        stage = self._awaiting.pop(0)
        verdict = classify(reply, stage)
        if verdict is Verdict.broken and not (self._refusal and reply.code == 503):
            self._awaiting.insert(0, stage)
            return self._fall_out_of_step(before)
        self.answered += 1
        if stage is Stage.dot:
            return self._decide_dot(reply)
        if stage in _GROUP:
            return self._hear_group(stage, verdict, reply)
        if stage is Stage.rset:
            self._step()
        self.closing = stage is Stage.quit
        return []

    def _hear_group(self, stage: Stage, verdict: Verdict, reply: Reply) -> list[Decided]:
        parcel = self._group
        if parcel and self._refusal is None and verdict is not Verdict.go:
            self._refusal = Decided(parcel, Result(verdict.value), reply)
            self._needs_rset = True
            self._steps.clear()
        if stage is Stage.rcpt and verdict is Verdict.go:
            self._recipient_taken = True
        if self._refusal is None:
            self._body_due = stage is Stage.data
            self._step()
            return []
        if stage is not Stage.data and self.offers.pipelining:
            return []
        return self._close_refused_group(open_for_data=stage is Stage.data and reply.code == 354)

    def _close_refused_group(self, *, open_for_data: bool) -> list[Decided]:
        decided = [self._refusal] if self._refusal else []
        self._group = self._refusal = None
        if open_for_data and self._recipient_taken:
            # A lone dot would deliver an empty message to somebody; only the end of the connection does not.
            return decided + self._end(Result.unsent)
        if open_for_data:
            self._say(Stage.lone_dot, b".\r\n")
        return decided

    def _write_body(self) -> list[Decided]:
        self._body_due = False
        if self._held or self._group is None:
            return self._end(Result.unsent)
        self._dot, self._group = self._group, None
        self._awaiting.append(_DOT)
        self.outgoing.write_body(stuffed(self._dot.message))
        return []

    def _decide_dot(self, reply: Reply) -> list[Decided]:
        parcel, self._dot = self._dot, None
        self._dot_heard = parcel
        # Either way the server's buffers are empty now (RFC 5321 4.1.1.4); RSET makes sure after a refusal.
        self._needs_rset = reply.code >= 300
        return [Decided(parcel, result_of(reply), reply)] if parcel else []

    def _hear_too_early(self, reply: Reply, before: list[Decided]) -> list[Decided]:
        """A reply while the body is being written: a refusal counts, but nothing is in step any more."""
        if reply.code < 400 or reply.code == 503:
            return self._fall_out_of_step(before)
        return self._decide_dot(reply) + self._end(Result.unsent)

    def _hear_goodbye(self, reply: Reply) -> list[Decided]:
        """421 ends the connection wherever it stands; to a final dot that left it is the answer."""
        answers_dot = self.expecting is Stage.dot and not self.outgoing.to_dot
        decided = self._decide_dot(reply) if answers_dot else []
        return decided + self._end(Result.unsent, reply)

    def _fall_out_of_step(self, before: list[Decided]) -> list[Decided]:
        """End the connection; what the same octets said before proves nothing any more."""
        self._refusal = None
        for at, one in enumerate(before):
            result = Result.uncertain if one.parcel is self._dot_heard else Result.unsent
            before[at] = Decided(one.parcel, result, None)
        return self._end(Result.unsent)

    def _end(self, tried: Result, reply: Reply | None = None) -> list[Decided]:
        """Close and decide the rest; ``tried`` is the result of a message whose own turn it was."""
        self.closing = True
        decided: list[Decided] = []
        if self._dot:
            is_whole = not self.outgoing.to_dot
            result = Result.uncertain if is_whole else tried
            decided.append(Decided(self._dot, result, None if is_whole else reply))
        if self._refusal:
            decided.append(self._refusal)
        elif self._group:
            its_turn = not self._dot and (self.expecting in _GROUP or not self._awaiting)
            decided.append(Decided(self._group, tried if its_turn else Result.unsent, reply))
        self._dot = self._group = self._refusal = None
        self.outgoing.clear()
        return decided
