"""Who we are to other mail servers: domains, names, servers and public keys; it holds no secret."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signs our mail, or may one day: its selector and what its record is to hold."""

    selector: str
    record: str
    signs: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the DNS is to say of us."""

    from_domain: str
    bounce_domain: str
    ehlo_name: str
    remote_servers: tuple[str, ...] = ()
    """The hosts of SMTP_URL that are other machines."""
    sends_itself: bool = False
    """Whether a mail server on this machine sends, so that others see this machine's address."""
    keys: tuple[PublicKey, ...] = ()
    key_fault: str = ""
    """Why keys that are to sign cannot; a sentence."""

    @property
    def signing(self) -> tuple[PublicKey, ...]:
        """Return the keys in use."""
        return tuple(key for key in self.keys if key.signs)

    @property
    def fingerprint(self) -> str:
        """Return 32 hex digits that change when anything does that the DNS is asked about."""
        names = (self.from_domain, self.bounce_domain, *self.remote_servers)
        keys = (f"{key.selector} {key.record}" for key in self.signing)
        return sha256("\n".join((*names, self.key_fault, *keys)).encode()).hexdigest()[:32]
