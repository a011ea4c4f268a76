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
        ("lowest numbered MX record points to local host", SOFT, R.loop),
        ('unrouteable mail domain "example.invalid"', HARD, R.domain_gone),
        ("Message could not be delivered for 5 days", SOFT, R.expired),
        ("5.3.0 create maildir file /x: Permission denied", SOFT, R.busy),
        ("The recipient's server did not accept our requests to connect.", SOFT, R.unreachable),
        ("Delivery temporarily suspended: connect to mx.example.ca: Connection refused", SOFT, R.unreachable),
        ("Connected to 192.0.2.1 but my name was rejected.", OURS, R.unauthenticated),
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
        ("550 5.4.5 Daily sending quota exceeded", OURS, R.rate_limited),
        ("550 5.2.0 Mail rejected. OFR_506 [506]", OURS, R.reputation),
        ("552 5.2.2 Boîte pleine - Over quota. OFR_417 [417]", SOFT, R.full),
        ("550 Adresse invalide. Invalid recipient. OFR204_418", HARD, R.user_unknown),
        ("550 5.4.310 DNS domain example.invalid does not exist", HARD, R.domain_gone),
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


OF_US = (
    "550 L'adresse IP du serveur est inconnue",
    "550 Adresse de l'expéditeur inconnue",
    "550 Absenderadresse existiert nicht",
    "550 La dirección del remitente no existe",
    "550 Indirizzo del mittente sconosciuto",
    "550 5.7.1 Access denied, your mail server is unknown",
    "554 5.7.1 You are not allowed to connect",
    "550 Your message was not accepted: invalid from address",
    "550 sender not found",
    "550 The domain of the sender could not be found",
    "550 cannot find your reverse dns",
    "550 5.7.1 This system is configured to reject mail from unknown domain",
    "550 5.7.0 Your server IP address is in the SORBS DUHL database",
    "550 Message rejected because of unacceptable content. For help, please quote incident ID",
    "550 Your email was rejected because the sender's domain does not exist",
    "554 Denied [CS] (Mode: normal)",
    "554 5.7.1 rejected due to invalid URL",
    "550 Invalid or missing DKIM",
    "550 message rejected, too many invalid recipients",
    "550 unknown sender",
    "550 Invalid sender domain",
    "550 Please turn on SMTP Authentication in your mail client.",
    "550 'From' header does not match envelope",
    "554 5.7.1 <DATA>: Data command rejected: Sender is not permitted",
    "550 5.7.1 <u@x.ca>: Recipient address rejected: Message rejected due to: SPF fail",
    "550 Administrative prohibition - envelope blocked",
    "550 5.7.1 Blocked by recipient's personal rules",
    "550 Bad HELO",
    "550 Host is not allowed to send mail here; unknown host",
    "550 cannot deliver: mail from unauthorised host",
    "550 User's filter rejected",
    "550 5.7.1 Message undeliverable due to suspicious links",
    "554 5.7.1 This email address is used by spammers; your account is listed as invalid",
    "550 Your mail server's IP has no PTR record",
    "550 Mail from this address is not accepted here",
    "550 5.7.1 our server does not accept mail from your domain",
    "550 5.7.1 You have been blocked by the recipient",
    "550 rejected by user filter",
    "554 Message refused by mailbox owner",
    "550 Missing recipient headers: To",
    "550 5.7.1 Your address is not on the list of allowed senders",
    "550 Recipient refuses mail from unknown senders",
    "554 5.7.1 Invalid client host name",
    "550 your host name could not be resolved",
    "550 5.7.1 Sender IP address rejected - no valid name",
    "550 5.6.0 Invalid header found",
    "554 5.6.1 Body contains an invalid character",
    "550 this message was classified as SPAM and may not be delivered to user",
    "550 No valid SPF record found",
    "550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.",
    "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
    "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
    "550 High probability of spam",
    "550 Spam detected by spamassassin",
    "550 This message scored 8.2 spam points",
    "554 5.7.1 Rejected 192.0.2.1 found in dnsbl.sorbs.net",
    "550 Your message contains a link that is not allowed",
    "550-5.7.25 The IP address sending this message does not have a PTR record setup",
    "550 5.7.27 SPF check failed",
    "550 5.7.30 DKIM check failed",
    "550 The message was not accepted as it doesn't conform to RFC5322",
    "550 5.7.350 Remote server returned message detected as spam -> 554 5.7.1",
    "553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)",
    "553 sorry, your envelope sender domain must exist (#5.7.1)",
    "550 Email address is listed in our local blacklist",
    "550 5.7.520 Access denied, Your organization does not allow external forwarding.",
    "501 Syntax error in parameters or arguments",
    "550 maximum allowed message size exceeded",
    "552 5.3.4 Message size exceeds file system imposed limit",
    "552 message size limit exceeded for this user",
    "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
    "550 5.2.0 CONTENT; Message content rejected, id=00000-00-0 - VIRUS: Eicar-Test-Signature",
    "554 5.7.1 Message blocked due to the reputation of domain in the body",
)


@pytest.mark.parametrize("text", OF_US)
def test_what_speaks_of_us_is_never_held_against_a_reader(text: str) -> None:
    """Though it names hosts, domains and addresses that are unknown, invalid or not found: ours."""  # M40
    assert classify(None, None, text).kind is OURS


def test_the_words_around_a_report_say_nothing() -> None:
    """What Postfix writes into each of them."""
    around = (
        "This is the mail system at host mx.example.ca. I'm sorry to have to inform you that your message"
        " could not be delivered to one or more recipients. It's attached below. For further assistance,"
        " please send mail to postmaster. If you do so, please include this problem report. You can delete"
        " your own text from the attached returned message."
    )
    assert classify(None, None, around).reason is R.unspecified


def test_what_passes_decides_nothing() -> None:
    """Queue ids and names of hosts may hold any word; a server's next reply holds others."""
    for passing in (
        "spam-filter-07.example.ca",
        "4BqXspamZ1z9unknown",
        "192.0.2.25",
        "full.mx12.example.net",
    ):
        assert classify(550, "5.1.1", f"no ({passing})") == (HARD, R.user_unknown)


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
    for word in (
        "user not ",
        "mailbox ",
        "not be found by the recipient ",
        "a@b.ca ",
        "550-5.1.1 ",
        "@",
        "a.",
    ):
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
