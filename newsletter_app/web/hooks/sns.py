"""Messages of Amazon SNS: proven by the certificate of their region, and subscriptions confirmed.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. Only signature version 2
(SHA-256) and only the topics of the settings. Nobody is asked but ``sns.REGION.amazonaws.com``, of the
topic's own region.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections import deque
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from newsletter_app.adapters.fetching import Fetcher, FetchRefused
from newsletter_app.kernel.hook_keys import TOPIC
from newsletter_app.web.hooks.asking import Call, Refused, read_json, refuse_stale, word

# SNS tries again for an hour at most, and signs once.
WINDOW: Final = timedelta(hours=1, minutes=5)
# How often SNS is asked for a certificate within a minute, whoever has us ask: it changes a few times a year.
MOST_A_MINUTE: Final = 6
MINUTE: Final = timedelta(minutes=1)
# After one that could not be had that address is not asked for again for a while; others are.
PAUSE: Final = timedelta(seconds=10)
# What is kept of addresses: SNS has one or two of each region, and strangers make up no more than are asked.
MOST_KEPT: Final = 32
NOTIFICATION: Final = "Notification"
CONFIRMATIONS: Final = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
SIGNED: Final = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    **dict.fromkeys(
        CONFIRMATIONS, ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    ),
}
_CERTIFICATE: Final = re.compile(r"/SimpleNotificationService-[0-9a-f]{32}\.pem", re.ASCII)


class Certificates:
    """The certificates that were had, by address; one is asked for at a time, and a few a minute.

    A call whose certificate is not had is refused with 503, so that SNS tells it again (for an hour).
    """

    def __init__(self) -> None:
        """Begin without any."""
        self._kept: dict[str, x509.Certificate] = {}
        self._asking = threading.Lock()
        self._asked_at: deque[datetime] = deque(maxlen=MOST_A_MINUTE)
        self._failed_at: dict[str, datetime] = {}

    def get(self, address: str, fetcher: Fetcher, now: datetime) -> x509.Certificate:
        """Return the certificate at ``address``, which its caller has pinned. Raises Refused (503).

        Nobody waits for another's question: it would hold a thread that readers need.
        """
        kept = self._kept.get(address)
        if kept is not None:
            return kept
        if not self._asking.acquire(blocking=False):
            raise Refused(503, "Another certificate is being asked for.")
        try:
            self._refuse_haste(address, now)
            self._asked_at.append(now)
            self._failed_at[address] = now
            certificate = _certificate(_fetched(address, fetcher))
            del self._failed_at[address]
            if len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[address] = certificate
            return certificate
        finally:
            self._asking.release()

    def _refuse_haste(self, address: str, now: datetime) -> None:
        self._failed_at = {told: at for told, at in self._failed_at.items() if now - at < PAUSE}
        if address in self._failed_at:
            raise Refused(503, "The certificate could not be had a moment ago.")
        if len(self._asked_at) == MOST_A_MINUTE and now - self._asked_at[0] < MINUTE:
            raise Refused(503, "Certificates were asked for too often; it is asked for again in a minute.")


def proven_message(call: Call, certificates: Certificates) -> dict[str, Any]:
    """Return the message of a call. Raises Refused: 403 for one that is not proven, not ours, or stale."""
    message = read_json(call.body)
    if not isinstance(message, dict):
        raise Refused(400, "This is no message of SNS.")
    region = _region(word(message, "TopicArn"), call.keys)
    if message.get("SignatureVersion") != "2":
        raise Refused(403, "Set the topic's attribute SignatureVersion to 2.")
    address = _certificate_address(word(message, "SigningCertURL"), region)
    certificate = certificates.get(address, call.fetcher, call.now)
    if not certificate.not_valid_before_utc <= call.now <= certificate.not_valid_after_utc:
        raise Refused(403, "The certificate is not valid now.")
    _refuse_unsigned(message, certificate)
    refuse_stale(_moment(word(message, "Timestamp")), call.now, WINDOW)
    return message


def confirm(message: dict[str, Any], fetcher: Fetcher) -> None:
    """Confirm a subscription of a topic of ours, at an address that we make. Raises Refused (503)."""
    topic, token = word(message, "TopicArn"), word(message, "Token")
    place = f"https://{_host(_region(topic, (topic,)))}/"
    _fetched(f"{place}?Action=ConfirmSubscription&TopicArn={quote(topic)}&Token={quote(token)}", fetcher)


def _region(topic: str, ours: tuple[str, ...] | Any) -> str:
    found = TOPIC.fullmatch(topic)
    if found is None or topic not in ours:
        raise Refused(403, "The topic is not named in FEEDBACK_HOOK_KEYS.")
    return found[1]


def _host(region: str) -> str:
    return f"sns.{region}.amazonaws.com"


def _certificate_address(told: str, region: str) -> str:
    start = f"https://{_host(region)}"
    if not told.startswith(start) or not _CERTIFICATE.fullmatch(told.removeprefix(start)):
        raise Refused(403, "The certificate does not stand at SNS of the topic's region.")
    return told


def _fetched(address: str, fetcher: Fetcher) -> bytes:
    """Return what stands there and nowhere else: a redirect is not followed out of SNS."""
    try:
        answer = fetcher.get(address)
    except FetchRefused as fault:
        raise Refused(503, f"SNS could not be asked: {fault.code}.") from fault
    if answer.status != 200 or answer.address != address:
        raise Refused(503, "SNS gave another answer than was hoped for.")
    return answer.content


def _certificate(octets: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(octets)
    except ValueError as fault:
        raise Refused(503, "SNS gave no certificate.") from fault


def _refuse_unsigned(message: dict[str, Any], certificate: x509.Certificate) -> None:
    names = SIGNED.get(word(message, "Type"), ())
    lines = [f"{name}\n{message[name]}\n" for name in names if isinstance(message.get(name), str)]
    key = certificate.public_key()
    try:
        if not names or not isinstance(key, rsa.RSAPublicKey):
            raise InvalidSignature
        signature = base64.b64decode(word(message, "Signature"), validate=True)
        signed = "".join(lines).encode("utf-8", "surrogatepass")
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error) as fault:
        raise Refused(403, "The signature is not that of SNS.") from fault


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
