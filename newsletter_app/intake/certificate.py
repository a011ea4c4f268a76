"""The listener's own certificate for STARTTLS: read anew when its file changes, kept when that fails."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

_log = logging.getLogger("newsletter_app.intake")


class CertificateRefused(Exception):
    """The files cannot be read, or are no certificate and its key; the message says which."""


class Certificate:
    """A certificate with its chain, and its key, as two files of PEM."""

    def __init__(self, chain: Path, key: Path) -> None:
        """Read both. Raises CertificateRefused."""
        self._chain, self._key = chain, key
        try:
            self._changed = chain.stat().st_mtime_ns
            self._context = self._read()
        except OSError as fault:  # of which ssl.SSLError is one
            raise CertificateRefused(str(fault)) from fault

    def context(self) -> ssl.SSLContext:
        """Return what a conversation offers: certificates are renewed, and nobody restarts a listener."""
        try:
            changed = self._chain.stat().st_mtime_ns
            if changed != self._changed:
                self._context, self._changed = self._read(), changed
        except OSError as fault:
            # The key may be written a moment later; the next conversation looks again.
            _log.error("the certificate cannot be read anew: %s", type(fault).__name__)
        return self._context

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Without a password to ask for: a service has nobody at its terminal.
        context.load_cert_chain(self._chain, self._key, password="")
        return context
