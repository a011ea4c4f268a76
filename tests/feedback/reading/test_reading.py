"""Mails that came back, read: reports, complaints, holiday notes, STOP, and what is hostile."""

from __future__ import annotations

from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.feedback.reading import Action, Shape, read
from newsletter_app.mail.refusals import Kind, Reason
from tests.feedback.letters import DSN, LOCAL, STOP, complaint, letter

WORDS = [
    *(b"Content-Type: multipart/report; boundary=x\n", b"Content-Type: message/delivery-status\n", b"--x\n"),
    *(
        b"--x--\n",
        b"\n",
        b"Final-Recipient: rfc822; a@b.ca\n",
        b"Action: failed\n",
        b"Status: 5.1.1\n",
        b"\xff\xfe",
    ),
    *(
        b"Content-Type: message/rfc822\n",
        b"Content-Transfer-Encoding: base64\n",
        b"charset=idna\n",
        b"=?utf-8?b?",
    ),
    *(
        b"From: MAILER-DAEMON@x.ca\n",
        b"Subject: Undelivered\n",
        b"Feedback-Type: abuse\n",
        b"\0",
        b"> stop\n",
    ),
    b"Content-Type: message/feedback-report\n",
]


@pytest.mark.parametrize(
    ("action", "status", "harm"),
    [
        ("failed", "5.1.1", True),
        ("FAILED (bad mailbox)", "5.1.1", True),
        ("failure", "5.1.1", True),
        ("failed", "2.0.0", False),
        ("delayed", "5.1.1", False),
        ("delayed", "4.4.1", False),
        ("delivered", "2.1.5", False),
        ("relayed", "2.1.9", False),
        ("expanded", "5.1.1", False),
        ("", "5.1.1", True),
        ("", "", False),
        ("eaten", "4.0.0", False),
    ],
)
def test_only_what_failed_harms(action: str, status: str, harm: bool) -> None:
    """RFC 3464 2.3.3; what nobody says is not guessed."""  # M39
    reading = read(
        DSN.format(action=action, status=status, diagnosis="smtp; 550 5.1.1 no such user").encode()
    )
    assert reading.shape is Shape.report
    assert [failure.is_harm for failure in reading.failures] == [harm]


def test_a_report_about_several_recipients() -> None:
    """Each has its own block, codes and verdict."""  # M39
    raw = letter(
        status="Reporting-MTA: dns; mx.example.ca\n\n"
        "Original-Recipient: rfc822;rose@example.ca\nFinal-Recipient: rfc822; r@host.example.ca\n"
        "Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 over\n quota\n\n"
        "Final-Recipient: rfc822; max@example.ca\nAction: delayed\nStatus: 4.4.1\n"
    )
    rose, peter = read(raw).failures
    assert (rose.address, rose.final, rose.action, rose.code) == (
        "rose@example.ca",
        "r@host.example.ca",
        Action.failed,
        552,
    )
    assert rose.verdict == (Kind.soft, Reason.full)
    assert (peter.address, peter.action, peter.is_harm) == ("max@example.ca", Action.delayed, False)


def test_blocks_without_an_empty_line_between_them() -> None:
    """Some servers forget it."""
    raw = letter(
        status="Final-Recipient: rfc822; a@example.ca\nAction: failed\nStatus: 5.1.1\n"
        "Final-Recipient: rfc822; b@example.ca\nAction: failed\nStatus: 5.1.1\n"
    )
    assert [failure.address for failure in read(raw).failures] == ["a@example.ca", "b@example.ca"]


@pytest.mark.parametrize("encoding", ["8bit", "base64"])
def test_a_report_in_utf_8(encoding: str) -> None:
    """RFC 6533: message/global-delivery-status, an address in UTF-8 or in its escaped form."""  # M39
    status = (
        "Reporting-MTA: dns; mx.example.ca\n\nFinal-Recipient: utf-8; ren\\x{E9}e@example.ca\n"
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 usager inconnu\n"
    )
    raw = letter(status=status, kind="message/global-delivery-status", encoding=encoding)
    (failure,) = read(raw).failures
    assert failure.address == "renée@example.ca"
    assert failure.verdict == (Kind.hard, Reason.user_unknown)


@pytest.mark.parametrize(
    ("feedback", "shape"),
    [
        ("abuse", Shape.complaint),
        ("fraud", Shape.complaint),
        ("other", Shape.complaint),
        ("Abuse", Shape.complaint),
        ("never-seen", Shape.complaint),
        ("not-spam", Shape.feedback),
        ("auth-failure", Shape.feedback),
        ("virus", Shape.feedback),
    ],
)
def test_a_feedback_report(feedback: str, shape: Shape) -> None:
    """RFC 5965 7.3 and RFC 6591; the reader's address is blotted out, our tokens are not."""  # M43
    reading = read(complaint(kind=feedback).encode())
    assert (reading.shape, reading.feedback_type) == (shape, feedback.lower())
    assert LOCAL in reading.marks.locals_within
    assert STOP in reading.marks.stop_tokens
    assert reading.marks.message_ids == ("c7.1001.0123456789abcdef",)


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner-email=x",
        "Return-Path: <>",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "X-Autoreply: yes",
        "Subject: Out of office: Tip 24",
        "Subject: Réponse automatique : Conseil 24",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique?=",
        "Subject: Absence du bureau",
    ],
)
def test_a_holiday_note_is_nothing_else(head: str) -> None:
    """Not even where it says STOP, or goes to the address that ends a subscription."""  # M45
    raw = f"From: rose@example.ca\nTo: s-{LOCAL[2:]}@bounce.example.org\n{head}\n\nSTOP\n".encode()
    assert read(raw).shape is Shape.auto_reply


def test_a_receipt_is_no_answer() -> None:
    """Nobody waits for a person to read that a mail was read."""  # M45
    head = "From: rose@example.ca\nSubject: Read: Tip 24\nContent-Type: multipart/report; boundary=b\n\n"
    receipt = "Content-Type: message/disposition-notification\n\nDisposition: manual-action; displayed\n"
    raw = f"{head}--b\n\nRead.\n--b\n{receipt}--b--\n".encode()
    assert read(raw).shape is Shape.auto_reply


@pytest.mark.parametrize(
    "body",
    [
        "STOP",
        "stop.\n\n> On Monday you wrote:\n> read this",
        "\n\n  Arrêt !\n",
        "ARRÊT",
        "arre\u0302t",
        "Unsubscribe",
        "DÉSABONNER\n\nRose",
        "désabonnez-moi",
        "> quoted above\n> and more\n\nStop",
        "Le lundi 2 mars 2026, En marche a écrit :\n> Conseil 24\nSTOP",
    ],
)
def test_stop_alone_on_the_first_line_that_was_written(body: str) -> None:
    """In both languages, with or without accents; what is quoted is not written."""  # M45
    assert read(f"From: rose@example.ca\nSubject: Re: Tip 24\n\n{body}\n".encode()).shape is Shape.stop


@pytest.mark.parametrize(
    "body",
    [
        "Please stop by our office",
        "I cannot stop walking",
        "Hello\nSTOP",
        "> STOP",
        "",
        "Don't stop",
    ],
)
def test_what_is_more_than_stop_is_for_people(body: str) -> None:
    """A person reads it and decides."""
    assert read(f"From: rose@example.ca\nSubject: Re: Tip 24\n\n{body}\n".encode()).shape is Shape.reply


def test_stop_in_a_page_and_in_a_subject_alone() -> None:
    """Some programs send no plain text; a mailto link may fill the subject only."""
    page = "<html><head><style>p {}</style></head><body><div>STOP</div><p>Tip</p></body></html>"
    html = f"From: rose@example.ca\nContent-Type: text/html\n\n{page}"
    assert read(html.encode()).shape is Shape.stop
    assert read(b"From: rose@example.ca\nSubject: unsubscribe\n\n").shape is Shape.stop


def test_a_mail_to_the_address_that_ends_a_subscription() -> None:
    """Whatever it says; the token is what proves it, elsewhere."""
    raw = f"From: rose@example.ca\nTo: s-{LOCAL[2:]}@bounce.example.org\nSubject: x\n\n".encode()
    reading = read(raw)
    assert (reading.shape, reading.marks.recipients) == (Shape.unsubscribe, (f"s-{LOCAL[2:]}",))
    assert (
        read(b"From: rose@example.ca\n\n", [f"s-{LOCAL[2:]}@bounce.example.org"]).shape is Shape.unsubscribe
    )


def test_whom_it_was_handed_to_comes_first() -> None:
    """Then what servers wrote down, then what it returns."""  # M24
    other = f"b-{'z' * 30}"
    raw = f"To: <{other}@bounce.example.org>\nFrom: MAILER-DAEMON@x.ca\n\nb\n".encode()
    assert read(raw, [f"{LOCAL.upper()}@bounce.example.org"]).marks.recipients == (LOCAL, other)


def test_an_answer_that_speaks_of_bounces_is_no_bounce() -> None:
    """A person may write about returned mail; only servers are believed."""
    raw = (
        b"From: rose@example.ca\nSubject: Re: undeliverable mail\nIn-Reply-To: <x@y>\n\n"
        b"Here is your list of failed recipients: <max@example.ca> user unknown\n"
    )
    assert read(raw).shape is Shape.reply


def test_a_postmaster_who_answers_is_a_person() -> None:
    """And a server that answers in a thread is a server."""
    answer = "From: postmaster@example.ca\nIn-Reply-To: <x@y>\nSubject: {}\n\nThank you!\n"
    assert read(answer.format("Re: Tip 24").encode()).shape is Shape.reply
    assert read(answer.format("Undeliverable: Tip 24").encode()).shape is Shape.report


def test_a_bounce_without_from_is_read() -> None:
    """flufl.bounce 6.0.0 raises IndexError there."""  # M46
    raw = b"Subject: failure notice\n\n<rose@example.ca>:\nSorry, no mailbox here by that name. (#5.1.1)\n"
    (failure,) = read(raw).failures
    assert (failure.address, failure.verdict.kind) == ("rose@example.ca", Kind.hard)


@pytest.mark.parametrize(
    ("server", "words", "verdict"),
    [
        (
            "OpenSMTPD",
            "An error has occurred:\n\n{}: 550 5.2.2 Mailbox Full\n\nBelow is a copy of",
            "soft/full",
        ),
        ("Exim", "failed:\n\n  {}\n    host mx [192.0.2.1]: 550 no such user", "hard/user-unknown"),
        ("Exim", "failed:\n\n  {}\n    retry timeout exceeded", "soft/expired"),
        ("Exchange", "{} on 4/29\n  The e-mail account does not exist", "hard/user-unknown"),
        ("MailMarshal", "From: b@x.org\nfailed: 550 relaying denied\n {}", "sender-fault/relaying-denied"),
        ("IMail", "Unknown host: {}\n\nOriginal message follows.\n\nuser unknown", "hard/domain-gone"),
        ("KDDI", "Could not be delivered to: <{}>\n  As their mailbox is full.", "soft/full"),
        ("a French one", "Message non remis :\n\n{}\nL'adresse n'existe pas.", "hard/user-unknown"),
        ("one that says nothing", "Your mail to {} was not delivered.", "soft/unspecified"),
    ],
)
def test_bounces_in_free_form(server: str, words: str, verdict: str) -> None:
    """Whom they name, and what they say of it; not the words of what they return."""  # M40
    head = f"From: {server} <postmaster@mx.example.ca>\nSubject: Undelivered\n\n"
    (failure,) = read((head + words.format("rose@example.ca")).encode()).failures
    assert failure.address == "rose@example.ca"
    assert f"{failure.verdict.kind}/{failure.verdict.reason}" == verdict


HEAD = b"From: MAILER-DAEMON@x.ca\nSubject: Undelivered\n"
HOSTILE = {
    "ten megabytes": HEAD + b"\n" + b"a@b.ca 550 user unknown\n" * 430_000,
    "one line": HEAD + b"\n" + b"x" * 10_000_000,
    "nothing but ends": b"\n" * 10_000_000,
    "nested parts": HEAD
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)),
    "nested messages": HEAD + b"Content-Type: message/rfc822\n\n" * 200_000,
    "many parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 150_000,
    "many recipients": letter(
        status="Final-Recipient: rfc822; a@b.ca\nAction: failed\nStatus: 5.1.1\n\n" * 9000
    ),
    "long diagnosis": DSN.format(action="failed", status="5.0.0", diagnosis="user not " * 90_000).encode(),
    "tokens": HEAD + b"\n" + b"b-abcdefghijklmnopqrstuvwxyz234567" * 30_000,
    "a slow charset": b"From: x\nContent-Type: text/plain; charset=idna\n\n" + b"xn--a." * 100_000,
    "encoded words": b"From: x\nSubject: " + b"=?utf-8?q?=41?= " * 60_000 + b"\n\n",
    "tags": HEAD + b"Content-Type: text/html\n\n" + b"<p <" * 250_000,
    "starts of flufl's patterns": HEAD
    + b"\nhere is your list of failed recipients\nfailed addresses follow:\nA message that you sent could"
    + b" not be delivered\nUnable to deliver message to\n"
    + (b"a" * 399 + b"\n") * 80,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_read_at_once(name: str) -> None:
    """Large, deep, wrong or made to make patterns crawl: none holds a worker up."""  # M46
    # The processor's seconds, whoever else has it meanwhile.
    began = thread_time()
    assert read(HOSTILE[name]).shape in Shape
    assert thread_time() - began < 3


@given(st.lists(st.sampled_from(WORDS) | st.binary(max_size=30), max_size=40).map(b"".join))
def test_any_octets_are_read(raw: bytes) -> None:
    """Total, and the same each time."""  # M46
    assert read(raw) == read(raw)
