"""Every service mail there is, as facts that its row would hold, and its subject in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.links import Purpose
from newsletter_app.service_mail import LinkSpec, ServiceMail

SENT_AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
NONCE = b"12345678"
ROSE = "rose.roy@example.ca"


@dataclass(frozen=True)
class Row:
    """What of a service mail's row is rendered."""

    kind: str
    language: Language
    facts: Mapping[str, Any] = field(default_factory=dict)
    address: str = "rose@example.ca"
    id: int = 12
    address_key: str = "a" * 64
    compiled: bytes | None = None


def link(purpose: Purpose, *ids: int) -> dict[str, Any]:
    """Return a link as facts."""
    return LinkSpec(purpose, ids, NONCE).to_facts()


CONFIRM = {"notice_ids": [1, 2], "link": link(Purpose.CONFIRM, 7)}
ALREADY = {
    "notice_ids": [1],
    "next_at": "2026-03-03T16:00:00+00:00",
    "choices": link(Purpose.CHOICES, 3),
    "new_notice_ids": [2],
    "add": link(Purpose.CONFIRM, 7),
}
WELCOME = {
    "notice_ids": [1],
    "name": "",
    "first_at": "2026-03-03T16:00:00+00:00",
    "tip_title": "Get regular exercise",
    "tip_number": 24,
    "tip_url": "https://news.example.org/tips/24-get-regular-exercise",
    "choices": link(Purpose.CHOICES, 3),
    "stop": link(Purpose.STOP, 3, 1),
}
ADDRESS = {"masked": "n•••@example.org", "link": link(Purpose.ADDRESS_KEEP, 4)}
TIP = {"number": 24, "title": "Walk a little", "cadence": "each", "day": ""}
WEEK = {"number": None, "title": "", "cadence": "weekly", "day": "2026-03-03T12:00:00+00:00"}
COUNTS = {"accepted": 12345, "refused": 3, "uncertain": 1, "left_out": 2, "bounced": 4, "complained": 1}
TROUBLES = [{"readers": 2, "said": "550 5.1.1 no such user here"}]
FIGURES = {"readers": 1200, "joined": 31, "left": 12, "sent": 4800, "delivered": 4770, "refused": 25}
EARLIER = dict.fromkeys(FIGURES, 7) | {"readers": None}
MONTH = {
    "month": "2026-02-01T12:00:00+00:00",
    "before": "2026-01-01T12:00:00+00:00",
    "lines": [
        {"name": name, "now": FIGURES | {"complaints": 1}, "before": EARLIER | {"complaints": 0}}
        for name in ("", "Health tips")
    ],
}


def to_staff(page: str, **staff: Any) -> dict[str, Any]:
    """Return the facts of a staff mail."""
    return {"page": f"console/{page}", "staff": staff}


def still(why: str, said: str = "") -> dict[str, Any]:
    """Return the facts of a mail that says why sending stands still."""
    return to_staff("campaigns/4", why=why, said=said, called=None if why == "lock" else TIP)


STAFF: dict[str, tuple[str, dict[str, Any]]] = {
    "review": ("staff-review", to_staff("tips/3", called=TIP, who="eve@example.org")),
    "approved": (
        "staff-decided",
        to_staff("tips/3", called=TIP, who="max@example.org", step="approved", comment=""),
    ),
    "given-back": (
        "staff-decided",
        to_staff(
            "tips/3", called=TIP, who="max@example.org", step="given-back", comment="Too long.\nCut it."
        ),
    ),
    "tomorrow": (
        "staff-tomorrow",
        to_staff("campaigns/4", called=TIP, due_at="2026-03-03T16:00:00+00:00", readers=12345),
    ),
    "went": (
        "staff-went",
        to_staff("campaigns/4", called=TIP, counts=COUNTS | {"replies": 2, "stopped": 5}, troubles=TROUBLES),
    ),
    "week-went": (
        "staff-went",
        to_staff("campaigns/5", called=WEEK, counts=COUNTS | {"replies": 0, "stopped": 0}, troubles=[]),
    ),
    "gap": ("staff-gap", to_staff("campaigns", monday="2026-03-09T06:00:00+00:00", ready=2)),
    "gap-none": ("staff-gap", to_staff("campaigns", monday="2026-03-09T06:00:00+00:00", ready=0)),
    "board": ("staff-board", to_staff("board/2026-02", **MONTH)),
    **{
        f"still-{why}": ("staff-stopped", still(why, "mx.example.org:25: 550 5.7.1 refused"))
        for why in ("breaker", "check", "lock", "overdue", "review-overdue", "complaints", "side-missing")
    },
}
EVERY: dict[str, tuple[str, dict[str, Any]]] = {
    "confirm": ("confirm", CONFIRM),
    "already": ("already", ALREADY),
    "welcome": ("welcome", WELCOME),
    "link": ("link", {"link": link(Purpose.MANAGE, 7)}),
    "unknown": ("unknown", {}),
    "goodbye": ("goodbye", {"notice_ids": [1, 2], "link": link(Purpose.RESTART, 3, 1, 2)}),
    "address-new": ("address", {"variant": "new", "link": link(Purpose.ADDRESS_CONFIRM, 4)}),
    "address-old-before": ("address", ADDRESS | {"variant": "old-before"}),
    "address-old-after": ("address", ADDRESS | {"variant": "old-after"}),
    "address-taken": ("address", {"variant": "taken"}),
    "invite": ("invite", {"link": link(Purpose.PASSWORD, 5)}),
    "reset": ("reset", {"link": link(Purpose.PASSWORD, 5)}),
    "trial": ("trial", {}),
    "reply": ("reply", {"subject": "Merci ✓", "words": "How far <do> I walk?\n\nRose", "reply_to": ROSE}),
    **STAFF,
}
STANDS_STILL = ("Sending stands still", "L'envoi est arrêté")
SUBJECTS: dict[str, tuple[str, str]] = {
    "review": (
        "For your approval: Tip 24: Walk a little",
        "À approuver\u00a0: Conseil 24\u00a0: Walk a little",
    ),
    "approved": ("Approved: Tip 24: Walk a little", "Approuvé\u00a0: Conseil 24\u00a0: Walk a little"),
    "given-back": ("Given back: Tip 24: Walk a little", "Rendu\u00a0: Conseil 24\u00a0: Walk a little"),
    "tomorrow": (
        "Goes out tomorrow: Tip 24: Walk a little",
        "Part demain\u00a0: Conseil 24\u00a0: Walk a little",
    ),
    "went": ("It went out: Tip 24: Walk a little", "C'est parti\u00a0: Conseil 24\u00a0: Walk a little"),
    "week-went": (
        "It went out: Weekly email of Tuesday, March 3",
        "C'est parti\u00a0: Courriel de la semaine du mardi 3 mars",
    ),
    "gap": ("Nothing goes out next week", "Rien ne part la semaine prochaine"),
    "gap-none": ("Nothing goes out next week", "Rien ne part la semaine prochaine"),
    "board": ("February 2026 in numbers", "Les chiffres de février 2026"),
    **{name: STANDS_STILL for name in STAFF if name.startswith("still-")},
    "confirm": ("Confirm your emails from Example Society", "Confirmez votre abonnement à Société Exemple"),
    "already": (
        "You already get emails from Example Society",
        "Vous recevez déjà les courriels de Société Exemple",
    ),
    "welcome": (
        "Welcome. Your first tip comes on Tuesday, March 3",
        "Bienvenue. Votre premier conseil arrive le mardi 3 mars",
    ),
    "link": (
        "Your link to change or stop emails from Example Society",
        "Votre lien pour changer ou arrêter les courriels de Société Exemple",
    ),
    "unknown": ("We do not write to this address", "Nous n'écrivons pas à cette adresse"),
    "goodbye": (
        "You will get no more Health tips, Events and groups",
        "Vous ne recevrez plus\u00a0: Conseils santé, Activités et entraide",
    ),
    "address-new": ("Confirm your new address", "Confirmez votre nouvelle adresse"),
    "address-old-before": ("Your address may change", "Votre adresse va peut-être changer"),
    "address-old-after": ("Your address has changed", "Votre adresse a changé"),
    "address-taken": ("We know this address already", "Nous connaissons déjà cette adresse"),
    "invite": (
        "You may work in the console of Example Society",
        "Vous pouvez travailler dans la console de Société Exemple",
    ),
    "trial": ("Your mails arrive", "Vos courriels arrivent"),
    "reset": ("Choose a new password", "Choisissez un nouveau mot de passe"),
    "reply": ("A reader answered: Merci ✓", "Une personne abonnée a répondu\u00a0: Merci ✓"),
}


def a_service_mail_to_rose(session: Session, now: datetime) -> ServiceMail:
    """Write the row of a confirm mail to rose@example.ca, as if it had been queued."""
    mail = ServiceMail(
        kind="confirm",
        language="en",
        address="rose@example.ca",
        address_key="key-rose",
        due_at=now,
        created_at=now,
    )
    session.add(mail)
    session.flush()
    return mail
