"""A keeper of tokens in this process, on a clock that a test moves; it promises what the port promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from newsletter_app.pace import Asked, Bucket, Grant, Quota, Used


@dataclass
class Tokens:
    """What one bucket holds, and since when."""

    held: Fraction
    at: datetime


@dataclass
class FakePace:
    """``pace.Pace`` in plain Python; ``is_silent`` makes it one that nobody answers for."""

    clock: Callable[[], datetime]
    is_silent: bool = False
    asked: list[Asked] = field(default_factory=list)
    _tokens: dict[tuple[str, str], Tokens] = field(default_factory=dict)
    _days: dict[tuple[object, ...], int] = field(default_factory=dict)

    def take(self, asked: Asked) -> Grant | None:
        """Take from every bucket at once, or from none."""
        if asked.is_free:
            return Grant(asked, asked.wanted)
        self.asked.append(asked)
        if self.is_silent:
            return None
        if uncounted := [quota for quota in asked.quotas if self._so_far(quota) is None]:
            return Grant(asked, 0, _nothing(asked), uncounted=tuple(uncounted))
        left = [quota.cap - (self._so_far(quota) or 0) for quota in asked.quotas]
        if any(count <= 0 for count in left):
            return Grant(asked, 0, _nothing(asked), is_spent=True)
        limited = {bucket.name: self._of_domain(bucket, asked.wanted) for bucket in asked.domains}
        wanted = min([asked.wanted, *left] if asked.others else [asked.wanted, *left, sum(limited.values())])
        total = min([wanted, *(int(self._flow(bucket).held) for bucket in asked.shared)])
        least = min([max(1, wanted), *map(_portion, asked.shared)])
        if total < least:
            return Grant(asked, 0, _nothing(asked), self._wait(asked, least, any(limited.values())))
        by_domain = {name: min(total, count) for name, count in limited.items()}
        self._move(asked, -total, {name: -count for name, count in by_domain.items()})
        return Grant(asked, total, by_domain)

    def give_back(self, grant: Grant, used: Used) -> None:
        """Put back what was left over."""
        if not (grant.asked.is_free or self.is_silent):
            unused = {name: count - used.by_domain.get(name, 0) for name, count in grant.by_domain.items()}
            self._move(grant.asked, grant.total - used.total, unused)

    def forget(self) -> None:
        """Lose everything, as an emptied Redis does."""
        self._tokens.clear()
        self._days.clear()

    def _flow(self, bucket: Bucket) -> Tokens:
        now = self.clock()
        tokens = self._tokens.setdefault((bucket.scope, bucket.name), Tokens(Fraction(0), now))
        passed = Fraction(max(0.0, (now - tokens.at).total_seconds())).limit_denominator(1_000_000)
        tokens.held = min(_most(bucket), tokens.held + passed * Fraction(bucket.per_second))
        tokens.at = now
        return tokens

    def _of_domain(self, bucket: Bucket, wanted: int) -> int:
        held = int(self._flow(bucket).held)
        return min(wanted, held) if held >= min(wanted, _portion(bucket)) else 0

    def _wait(self, asked: Asked, least: int, is_limited: bool) -> float:
        waits = [self._until(bucket, least) for bucket in asked.shared]
        if not (asked.others or is_limited):
            waits.append(min(self._until(bucket, _portion(bucket)) for bucket in asked.domains))
        return max(waits)

    def _until(self, bucket: Bucket, count: int) -> float:
        return float(max(Fraction(0), (count - self._flow(bucket).held) / Fraction(bucket.per_second)))

    def _move(self, asked: Asked, total: int, by_domain: dict[str, int]) -> None:
        for bucket in asked.shared:
            self._add(bucket, total)
        for quota in asked.quotas:
            self._days[_name_of(quota)] -= total
        for bucket in asked.domains:
            self._add(bucket, by_domain.get(bucket.name, 0))

    def _add(self, bucket: Bucket, count: int) -> None:
        tokens = self._flow(bucket)
        tokens.held = min(_most(bucket), tokens.held + count)

    def _so_far(self, quota: Quota) -> int | None:
        if _name_of(quota) not in self._days and quota.handed_over is not None:
            self._days[_name_of(quota)] = quota.handed_over
        return self._days.get(_name_of(quota))


def _name_of(quota: Quota) -> tuple[object, ...]:
    return quota.scope, quota.name, quota.day


def _most(bucket: Bucket) -> Fraction:
    return max(Fraction(1), Fraction(bucket.per_second))


def _portion(bucket: Bucket) -> int:
    return max(1, int(bucket.per_second / 20))


def _nothing(asked: Asked) -> dict[str, int]:
    return dict.fromkeys((bucket.name for bucket in asked.domains), 0)
