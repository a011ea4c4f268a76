"""What refusals mean, by tables: codes alone, words that correct them, many servers, several languages."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.mail.refusals import Kind, Reason, Verdict, classify, codes_in

HARD, SOFT, OURS = Kind.hard, Kind.soft, Kind.sender_fault
R = Reason

CODES = st.none() | st.integers(-5, 700)
PARTS = st.tuples(st.sampled_from("245"), st.integers(0, 999), st.integers(0, 999))
ENHANCED = st.none() | PARTS.map(lambda parts: "{}.{}.{}".format(*parts)) | st.text(max_size=12)
SAID = (
    "user",
    "unknown",
    "mailbox",
    "full",
    "not",
    "found",
    "blocked",
    "550",
    "5.1.1",
    "<a@b.ca>",
    "été",
    "n'est",
)
WORDS = st.lists(st.sampled_from(SAID) | st.text(max_size=12), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("enhanced", "kind", "reason"),
    [
        ("5.1.1", HARD, R.user_unknown),
        ("5.1.2", HARD, R.domain_gone),
        ("5.1.3", HARD, R.bad_address),
        ("5.1.6", HARD, R.moved),
        ("5.1.10", HARD, R.domain_gone),
        ("5.1.77", HARD, R.user_unknown),
        ("5.1.7", OURS, R.bad_sender),
        ("5.2.1", HARD, R.inactive),
        ("5.2.2", SOFT, R.full),
        ("5.2.3", OURS, R.too_big),
        ("5.3.2", SOFT, R.busy),
        ("5.3.4", OURS, R.too_big),
        ("5.4.1", SOFT, R.unreachable),
        ("5.4.4", HARD, R.domain_gone),
        ("5.4.6", SOFT, R.loop),
        ("5.4.7", SOFT, R.expired),
        ("5.5.2", OURS, R.protocol),
        ("5.6.3", OURS, R.content),
        ("5.7.1", OURS, R.policy),
        ("5.7.26", OURS, R.unauthenticated),
        ("5.7.27", OURS, R.unauthenticated),
        ("5.7.28", OURS, R.rate_limited),
        ("5.7.30", OURS, R.unauthenticated),
        ("5.7.32", OURS, R.unauthenticated),
        ("5.7.40", OURS, R.unauthenticated),
        ("5.7.515", OURS, R.unauthenticated),
        ("5.7.606", OURS, R.reputation),
        ("5.7.649", OURS, R.reputation),
        ("5.7.999", OURS, R.policy),
        ("4.2.2", SOFT, R.full),
        ("4.1.1", SOFT, R.user_unknown),
        ("4.7.28", SOFT, R.rate_limited),
    ],
)
def test_an_enhanced_code_alone(enhanced: str, kind: Kind, reason: Reason) -> None:
    """Without a word beside it, or with one that says nothing."""  # M40, M41
    assert classify(None, enhanced, "") == (kind, reason)
    assert classify(int(enhanced[0]) * 100 + 50, enhanced, "see our pages") == (kind, reason)


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (421, SOFT, R.busy),
        (450, SOFT, R.unspecified),
        (452, SOFT, R.busy),
        (501, OURS, R.protocol),
        (535, OURS, R.relaying_denied),
        (550, HARD, R.unspecified),
        (551, HARD, R.moved),
        (552, SOFT, R.full),
        (553, HARD, R.bad_address),
        (554, SOFT, R.unspecified),
        (556, HARD, R.domain_gone),
        (599, SOFT, R.unspecified),
    ],
)
def test_a_basic_code_alone(code: int, kind: Kind, reason: Reason) -> None:
    """RFC 5321 4.2.3; an enhanced code that says nothing changes nothing."""
    assert classify(code, None, "") == (kind, reason)
    assert classify(code, f"{code // 100}.0.0", "") == (kind, reason)


@pytest.mark.parametrize(
    ("code", "enhanced", "text", "kind", "reason"),
    [
        # 5.7.1 for what is no matter of policy, and 5.1.1 for what is one.
        (
            550,
            "5.7.1",
            "<(address)>: Recipient address rejected: User unknown in table",
            HARD,
            R.user_unknown,
        ),
        (554, "5.7.1", "<(address)>: Recipient address rejected: Access denied", OURS, R.policy),
        (550, "5.4.1", "Recipient address rejected: Access denied. [x.outlook.com]", HARD, R.user_unknown),
        (550, "5.7.1", "Mailbox for this user is full", SOFT, R.full),
        (550, "5.1.1", "Message refused by the policy of this site", OURS, R.policy),
        (550, "5.1.1", "Blocked, your IP is on a blacklist", OURS, R.reputation),
        (553, "5.1.8", "Sender address rejected: Domain not found", OURS, R.bad_sender),
        (550, "5.2.1", "The user is receiving mail at a rate that prevents more", SOFT, R.rate_limited),
        (550, "5.4.5", "Daily user sending limit exceeded", OURS, R.rate_limited),
        (550, "5.5.0", "Requested action not taken: mailbox unavailable", HARD, R.user_unknown),
        (552, "5.2.2", "Message larger than the limit, or the mailbox is full", SOFT, R.full),
        (554, "5.2.0", "STOREDRV.Deliver; mailbox full", SOFT, R.full),
        (550, "4.4.7", "QUEUE.Expired; message expired", SOFT, R.expired),
        # 4yz is "not now", whatever is said.
        (450, "5.1.1", "user unknown", SOFT, R.user_unknown),
        (421, "4.7.0", "[TSS04] Messages temporarily deferred due to user complaints", SOFT, R.rate_limited),
        (450, "4.2.0", "Recipient address rejected: Greylisted for 5 minutes", SOFT, R.greylisted),
    ],
)
def test_words_correct_codes(code: int, enhanced: str, text: str, kind: Kind, reason: Reason) -> None:
    """Providers misuse codes; what is said plainly counts."""  # M40
    assert classify(code, enhanced, text) == (kind, reason)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        (
            "550 5.1.1 The email account that you tried to reach does not exist p=NoSuchUser",
            HARD,
            R.user_unknown,
        ),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by lookup", HARD, R.user_unknown),
        ("554 delivery error: dd This user doesn't have a yahoo.com account", HARD, R.user_unknown),
        ("550 unrouteable address", HARD, R.user_unknown),
        ("Sorry, no mailbox here by that name. (#5.1.1)", HARD, R.user_unknown),
        ("User jane (jane@example.ca) not listed in Domino Directory", HARD, R.user_unknown),
        ("550 Account disabled", HARD, R.inactive),
        ("550 5.1.1 This mailbox was closed", HARD, R.inactive),
        ("554 This user's mailbox has been suspended", HARD, R.suspended),
        ("551 User not local; please try <jane@example.org>", HARD, R.moved),
        ("Sorry, I couldn't find any host named example.invalid. (#5.1.2)", HARD, R.domain_gone),
        ("556 5.1.10 Recipient address has a null MX", HARD, R.domain_gone),
        ("550 5.4.4 Host or domain name not found. Name service error: Host not found", HARD, R.domain_gone),
        ("451 4.4.3 Host or domain name not found, try again", SOFT, R.domain_gone),
        ("552 5.2.2 p=OverQuotaPerm The inbox is out of storage space", SOFT, R.full),
        ("Connection timed out", SOFT, R.unreachable),
        ("554 5.4.6 Too many hops", SOFT, R.loop),
        ("550 Relaying denied", OURS, R.relaying_denied),
        ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", OURS, R.relaying_denied),
        ("550 5.7.26 This mail fails DMARC", OURS, R.unauthenticated),
        ("554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org", OURS, R.reputation),
        ("550 5.7.1 part of their network is on our block list (S3150)", OURS, R.reputation),
        ("550 Message identified as SPAM", OURS, R.spam),
        ("554 5.7.1 [CS01] Message rejected due to local reasons", OURS, R.policy),
        ("552 Message size exceeds fixed limit", OURS, R.too_big),
        ("550 contains a virus", OURS, R.content),
        ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", OURS, R.restricted),
        ("550 Blocked", OURS, R.policy),
        ("571 Delivery not authorized, message refused", OURS, R.policy),
        # In other languages.
        ("550 5.1.1 Destinataire inconnu", HARD, R.user_unknown),
        ("550 L'adresse n'existe pas", HARD, R.user_unknown),
        ("552 Boîte aux lettres pleine", SOFT, R.full),
        ("554 Quota dépassé", SOFT, R.full),
        ("550 Ce compte est désactivé", HARD, R.inactive),
        ("554 Message considéré comme indésirable", OURS, R.spam),
        ("554 Message trop volumineux", OURS, R.too_big),
        ("550 Nom de domaine introuvable", HARD, R.domain_gone),
        ("550 Empfänger unbekannt", HARD, R.user_unknown),
        ("552 Das Postfach ist voll", SOFT, R.full),
        ("550 El buzón está lleno", SOFT, R.full),
        ("550 Usuario desconocido", HARD, R.user_unknown),
        ("550 Indirizzo inesistente", HARD, R.user_unknown),
    ],
)
def test_codes_are_found_in_the_words(text: str, kind: Kind, reason: Reason) -> None:
    """As old reports have it: nothing but a line."""
    assert classify(None, None, text) == (kind, reason)


def test_a_success_is_no_refusal() -> None:
    """2yz and 2.x.x, wherever they stand."""
    delivered = Verdict(Kind.none, Reason.delivered)
    assert classify(250, None, "user unknown") == delivered
    assert classify(None, "2.1.5", "") == delivered


@given(st.integers(0, 999), st.sampled_from(["", "see https://example.com/x", "refused", "Access denied"]))
def test_policy_never_speaks_of_the_reader(detail: int, text: str) -> None:
    """Whatever follows 5.7, as long as no word says that the user is unknown."""  # M40
    assert classify(550, f"5.7.{detail}", text).kind is OURS


@given(st.integers(400, 499), ENHANCED, WORDS)
def test_not_now_is_never_for_good(code: int, enhanced: str | None, text: str) -> None:
    """A 4yz reply is soft, whatever stands beside it."""  # M40
    assert classify(code, enhanced, text).kind is SOFT


@given(CODES, ENHANCED, WORDS)
def test_it_takes_anything_and_says_the_same_again(code: int | None, enhanced: str | None, text: str) -> None:
    """Total, deterministic; case and white space do not matter."""
    verdict = classify(code, enhanced, text)
    assert isinstance(verdict, Verdict)
    assert classify(code, enhanced, text) == verdict
    assert classify(code, enhanced, "\r\n ".join(text.split())) == verdict
    if text.isascii():
        assert classify(code, enhanced, text.upper()) == verdict


def test_a_hostile_text_costs_no_time() -> None:
    """Words that many patterns begin with, over and over, take a small part of a second."""  # M46
    began = perf_counter()
    for word in ("user not ", "mailbox ", "not be found by the recipient ", "a@b.ca ", "550-5.1.1 ", "@"):
        classify(550, None, word * 100_000)
    assert perf_counter() - began < 2


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("smtp; 550 5.1.1 no", (550, "5.1.1")),
        ("host mx.example.ca[192.0.2.10] said: 554 no (in reply to DATA)", (554, None)),
        ("(#5.1.2)", (None, "5.1.2")),
        ("server 4.5.6.7 at 2001:db8::550 did not answer", (None, None)),
        ("550-5.2.1 twice", (550, "5.2.1")),
        ("", (None, None)),
    ],
)
def test_codes_that_stand_in_words(text: str, codes: tuple[int | None, str | None]) -> None:
    """No part of an address of a host is taken for one."""
    assert codes_in(text) == codes
