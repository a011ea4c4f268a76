"""The ledger: what became of every message, who claims, and what forbids it; it knows no reader."""

from newsletter_app.ledger.books import Books
from newsletter_app.ledger.breaker_rules import Circuit, proves_mended
from newsletter_app.ledger.breaker_rules import Kind as BreakerKind
from newsletter_app.ledger.breakers import (
    Why,
    begin_probe,
    breakers_to_probe,
    close_breakers,
    end_probe,
    half_open_breaker,
    open_breakers,
    put_off_probe,
    trip,
    why,
)
from newsletter_app.ledger.by_key import find_by_key
from newsletter_app.ledger.clock import database_clock
from newsletter_app.ledger.dice import DICE
from newsletter_app.ledger.handing import Errand, send_due
from newsletter_app.ledger.heartbeats import beat, last_beat
from newsletter_app.ledger.keys import check_keys, foreign_keys
from newsletter_app.ledger.locks import (
    MARKER,
    RESTORED,
    forget_restored,
    is_locked,
    lock_sending,
    locks,
    note_restored,
    unlock,
)
from newsletter_app.ledger.models import (
    FINAL,
    Breaker,
    Heartbeat,
    KeyFingerprint,
    LedgerColumns,
    Sender,
    SendingLock,
    State,
)
from newsletter_app.ledger.office import Office
from newsletter_app.ledger.reconciling import Reconciliation, reconcile
from newsletter_app.ledger.rows import MAX_CLAIM, Fate, Ledger, Record, Recorded, record
from newsletter_app.ledger.rules import (
    HARD,
    LEASE,
    LIFETIME,
    SENDER_FAULT,
    SOFT,
    UNSENDABLE,
    NextState,
    next_state,
)
from newsletter_app.ledger.senders import open_sender, raise_claim_no, renew
from newsletter_app.ledger.settling import Settlement, expire_leases, look_back, settle_abandoned
from newsletter_app.ledger.watching import Watch

__all__ = [
    "DICE",
    "FINAL",
    "HARD",
    "LEASE",
    "LIFETIME",
    "MARKER",
    "MAX_CLAIM",
    "RESTORED",
    "SENDER_FAULT",
    "SOFT",
    "UNSENDABLE",
    "Books",
    "Breaker",
    "BreakerKind",
    "Circuit",
    "Errand",
    "Fate",
    "Heartbeat",
    "KeyFingerprint",
    "Ledger",
    "LedgerColumns",
    "NextState",
    "Office",
    "Reconciliation",
    "Record",
    "Recorded",
    "Sender",
    "SendingLock",
    "Settlement",
    "State",
    "Watch",
    "Why",
    "beat",
    "begin_probe",
    "breakers_to_probe",
    "check_keys",
    "close_breakers",
    "database_clock",
    "end_probe",
    "expire_leases",
    "find_by_key",
    "foreign_keys",
    "forget_restored",
    "half_open_breaker",
    "is_locked",
    "last_beat",
    "lock_sending",
    "locks",
    "look_back",
    "next_state",
    "note_restored",
    "open_breakers",
    "open_sender",
    "proves_mended",
    "put_off_probe",
    "raise_claim_no",
    "reconcile",
    "record",
    "renew",
    "send_due",
    "settle_abandoned",
    "trip",
    "unlock",
    "why",
]
