"""The pace kept in Redis: one script call a question, on Redis's own clock; trouble is no answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

from newsletter_app.pace import Asked, Bucket, Grant, Quota, Used

SCRIPT: Final = Path(__file__).with_suffix(".lua").read_text()
TIMEOUT_S: Final = 0.2
# The braces keep all keys on one node of a cluster, where one script may hold them together.
PREFIX: Final = "{pace}"
UNCOUNTED: Final = -1

_log = structlog.get_logger("pace")


class RedisPace:
    """Keeps the tokens of all processes (see ``pace.Pace``); connects at the first question."""

    def __init__(self, url: str) -> None:
        """Prepare for the server at ``url``, as redis-py spells it."""
        # No retry: who asks asks again within a second, and holds up a worker meanwhile.
        self._redis = Redis.from_url(
            url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=None
        )
        self._script = self._redis.register_script(SCRIPT)
        self._is_silent = False

    def take(self, asked: Asked) -> Grant | None:
        """Take what is there for ``asked``; None when Redis does not answer."""
        if asked.is_free:
            return Grant(asked, asked.wanted)
        quotas = [{"cap": quota.cap, "handed_over": _handed_over(quota)} for quota in asked.quotas]
        answer = self._call(asked, verb="take", wanted=asked.wanted, others=asked.others, quotas=quotas)
        if answer is None:
            return None
        total, wait_us, is_spent, uncounted, taken = answer
        return Grant(
            asked,
            total,
            {bucket.name: count for bucket, count in zip(asked.domains, taken, strict=True)},
            0.0 if total else wait_us / 1e6,
            tuple(asked.quotas[place - 1] for place in uncounted),
            bool(is_spent),
        )

    def give_back(self, grant: Grant, used: Used) -> None:
        """Put back what was not used; what cannot be put back flows in again within a second."""
        unused = grant.total - used.total
        unused_of = [
            grant.by_domain.get(bucket.name, 0) - used.by_domain.get(bucket.name, 0)
            for bucket in grant.asked.domains
        ]
        if grant.asked.is_free or not any([unused, *unused_of]):
            return
        quotas = len(grant.asked.quotas) * [0]
        self._call(grant.asked, verb="give_back", unused=unused, unused_of=unused_of, quotas=quotas)

    def close(self) -> None:
        """Let go of the connection."""
        self._redis.close()

    def _call(self, asked: Asked, **request: Any) -> Any:
        keys = [_bucket_key(bucket) for bucket in asked.shared]
        keys += [f"{PREFIX}:day:{quota.day}:{quota.scope}:{quota.name}" for quota in asked.quotas]
        keys += [_bucket_key(bucket) for bucket in asked.domains]
        request["shared"] = [_thousandths(bucket) for bucket in asked.shared]
        request["domains"] = [_thousandths(bucket) for bucket in asked.domains]
        try:
            answer = self._script(keys=keys, args=[json.dumps(request)])
        except (RedisError, OSError) as fault:
            self._note_silence(fault)
            return None
        if self._is_silent:
            self._is_silent = False
            _log.info("pace_answers")
        return answer

    def _note_silence(self, fault: Exception) -> None:
        if not self._is_silent:
            self._is_silent = True
            _log.warning("pace_silent", fault=type(fault).__name__)


def _bucket_key(bucket: Bucket) -> str:
    return f"{PREFIX}:{bucket.scope}:{bucket.name}"


def _thousandths(bucket: Bucket) -> int:
    return int(bucket.per_second * 1000)


def _handed_over(quota: Quota) -> int:
    return UNCOUNTED if quota.handed_over is None else quota.handed_over
