"""``MEDIA_URL`` as a bucket: an S3-compatible server, a name there, the keys to it; it connects to none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from newsletter_app.kernel.hosts import is_loopback

OPTIONS: Final = ("region", "tls")
DEFAULT_REGION: Final = "us-east-1"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FOLDER: Final = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_REGION: Final = re.compile(r"[A-Za-z0-9-]{1,40}")


class BucketFault(ValueError):
    """The address cannot be used; the text says why, and never shows a key."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where pictures lie: ``endpoint`` as ``https://s3.example.ca``, ``folder`` "" or ``news/pictures``."""

    endpoint: str
    name: str
    folder: str
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)

    def __str__(self) -> str:
        """Return what a person calls it, without keys."""
        return "/".join(part for part in (self.endpoint, self.name, self.folder) if part)


def read_bucket_url(text: str) -> Bucket | None:
    """Return the bucket of ``s3://ACCESS:SECRET@host[:port]/bucket[/folder]?region=…&tls=off``; None for "".

    In the keys ``/`` is written %2F and ``+`` %2B. ``tls=off`` is for a server on this machine. Raises
    BucketFault.
    """
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise BucketFault("cannot be read: write s3://ACCESS:SECRET@host/bucket") from None
    if parts.scheme != "s3" or not parts.hostname or not parts.username or not parts.password:
        raise BucketFault("must be s3://ACCESS:SECRET@host/bucket, with / in a key written %2F")
    name, _, folder = parts.path.strip("/").partition("/")
    if not _NAME.fullmatch(name) or (folder and not _FOLDER.fullmatch(folder)):
        raise BucketFault("has no bucket that could be one: write s3://ACCESS:SECRET@host/bucket/folder")
    if unknown := options.keys() - set(OPTIONS):
        raise BucketFault(f"has the option {', '.join(sorted(unknown))}: there are {' and '.join(OPTIONS)}")
    region = options.get("region", [DEFAULT_REGION])[-1]
    if not _REGION.fullmatch(region):
        raise BucketFault("has a region that could be none: write region=ca-central-1")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Bucket(
        endpoint=f"{_scheme(parts, options)}://{host}" + (f":{port}" if port else ""),
        name=name,
        folder=folder,
        region=region,
        access_key=unquote(parts.username),
        secret_key=unquote(parts.password),
    )


def _scheme(parts: SplitResult, options: dict[str, list[str]]) -> str:
    wanted = options.get("tls", ["on"])[-1]
    if wanted not in ("on", "off"):
        raise BucketFault("has tls neither on nor off")
    if wanted == "off" and not is_loopback(parts.hostname or ""):
        raise BucketFault("turns TLS off for a server elsewhere, to which the keys would go in the clear")
    return "http" if wanted == "off" else "https"
