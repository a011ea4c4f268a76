"""Setting and dropping limits and warm-ups, on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from newsletter_app import pace
from newsletter_app.kernel.errors import Breach
from newsletter_app.pace import Warming

WARMING = Warming(date(2026, 3, 2), 50, Decimal("1.5"), 10_000)


def test_what_is_set_holds_and_what_is_set_again_takes_its_place(session: Session) -> None:
    pace.set_limit(session, "overall", "", Decimal(100))
    pace.set_limit(session, "overall", "", Decimal("0.125"))
    pace.set_limit(session, "server", "MX.example.org:0587", Decimal(20))
    pace.set_limit(session, "server", "[::1]:25", Decimal(7))
    pace.set_limit(session, "domain", "Bücher.example", Decimal(2))
    pace.set_warm_up(session, "overall", "", WARMING)
    session.expire_all()
    assert pace.limits(session) == pace.Limits(
        overall=Decimal("0.125"),
        servers={"mx.example.org:587": Decimal(20), "::1:25": Decimal(7)},
        domains={"xn--bcher-kva.example": Decimal(2)},
        warm_ups={("overall", ""): WARMING},
    )


def test_what_is_dropped_holds_no_more(session: Session) -> None:
    pace.set_limit(session, "domain", "slow.example", Decimal(2))
    pace.set_warm_up(session, "server", "mx:25", WARMING)
    assert pace.drop_limit(session, "domain", "SLOW.example") == "slow.example"
    assert pace.drop_warm_up(session, "server", "mx:25") == "mx:25"
    assert pace.limits(session) == pace.Limits()


@pytest.mark.parametrize(
    ("scope", "name", "rate", "code"),
    [
        ("campaign", "", "1", "pace-scope-unknown"),
        ("overall", "mx:25", "1", "pace-name-unreadable"),
        ("server", "mx", "1", "pace-name-unreadable"),
        ("server", "mx:0", "1", "pace-name-unreadable"),
        ("server", ":25", "1", "pace-name-unreadable"),
        ("server", "a b:25", "1", "pace-name-unreadable"),
        ("domain", "", "1", "pace-name-unreadable"),
        ("domain", "reader@slow.example", "1", "pace-name-unreadable"),
        ("domain", "slow.example", "0", "pace-rate-unreadable"),
    ],
)
def test_what_is_no_limit_is_refused(session: Session, scope: str, name: str, rate: str, code: str) -> None:
    with pytest.raises(Breach) as refused:
        pace.set_limit(session, scope, name, Decimal(rate))
    assert refused.value.code == code
    assert pace.limits(session) == pace.Limits()


def test_what_is_no_warm_up_is_refused(session: Session) -> None:
    with pytest.raises(Breach, match="pace-scope-unknown"):
        pace.set_warm_up(session, "domain", "slow.example", WARMING)
    with pytest.raises(Breach, match="pace-warm-up-unreadable"):
        pace.set_warm_up(session, "overall", "", Warming(date(2026, 3, 2), 50, Decimal(2), 49))
    with pytest.raises(Breach, match="pace-unknown"):
        pace.drop_warm_up(session, "overall", "")
    with pytest.raises(Breach, match="pace-unknown"):
        pace.drop_limit(session, "server", "mx:25")
