"""The DNS, asked through this machine's name servers by dnspython; bounded in time, and it raises nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import dns.exception
import dns.name
import dns.rdata
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.TXT
import dns.resolver
import dns.reversename

from newsletter_app.authentication import Answer, Kind, Silence

QUESTION_S: Final = 3.0
ALL_S: Final = 20.0
DATAGRAM: Final = 1232  # Octets that pass any network unbroken.


class DnsResolver:
    """One round of questions (see ``authentication.Resolver``); after ``all_s`` seconds nobody is asked."""

    def __init__(
        self,
        name_servers: Sequence[str] = (),
        port: int = 53,
        *,
        question_s: float = QUESTION_S,
        all_s: float = ALL_S,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask ``name_servers`` (IP addresses), or those of the system where none are given."""
        self._servers = name_servers
        self._port = port
        self._question_s = question_s
        self._seconds = seconds
        self._until = seconds() + all_s
        self._answers: dict[tuple[str, Kind], Answer] = {}

    def ask(self, name: str, kind: Kind) -> Answer:
        """Return what stands under ``name``; the same question is put once."""
        asked = (name.rstrip(".").lower(), kind)
        if asked not in self._answers:
            self._answers[asked] = self._look(*asked)
        return self._answers[asked]

    def _look(self, name: str, kind: Kind) -> Answer:
        left = self._until - self._seconds()
        if left <= 0:
            return Answer(silence=Silence.timed_out)
        try:
            target = dns.reversename.from_address(name) if kind == "PTR" else dns.name.from_text(name)
            found = self._resolver().resolve(target, kind, search=False, lifetime=min(left, self._question_s))
        except dns.resolver.NXDOMAIN:
            return Answer(name_exists=False)
        except dns.resolver.NoAnswer:
            return Answer()
        except dns.resolver.NoResolverConfiguration:
            return Answer(silence=Silence.no_resolver)
        except dns.resolver.LifetimeTimeout:
            return Answer(silence=Silence.timed_out)
        except dns.resolver.NoNameservers as fault:
            return Answer(silence=_refusal(fault))
        except (dns.resolver.YXDOMAIN, dns.exception.SyntaxError, dns.exception.FormError, ValueError):
            # A name that is too long, or whose labels are: no name server could hold it.
            return Answer(name_exists=False)
        except (dns.exception.DNSException, OSError):
            return Answer(silence=Silence.servfail)
        return Answer(tuple(map(_text, found)))

    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = list(self._servers)
            resolver.port = self._port
        # A key of 2048 bits fits into one datagram so, and need not be asked for again over TCP (RFC 6891).
        resolver.use_edns(0, 0, DATAGRAM)
        # One that says nothing must leave time to ask the next one.
        resolver.timeout = self._question_s / 2
        return resolver


def _refusal(fault: dns.resolver.NoNameservers) -> Silence:
    # dnspython keeps what each server said as (server, tcp, port, error, response).
    said = " ".join(str(error[3]) for error in fault.kwargs.get("errors", ()))
    return Silence.refused if "REFUSED" in said else Silence.servfail


def _text(record: dns.rdata.Rdata) -> str:
    if isinstance(record, dns.rdtypes.ANY.TXT.TXT):
        return b"".join(record.strings).decode("latin-1")
    if isinstance(record, dns.rdtypes.ANY.MX.MX):
        return f"{record.preference} {_name(record.exchange)}"
    return record.to_text().rstrip(".").lower()


def _name(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
