"""The shelf in an S3-compatible bucket, by obstore; what fails is an OSError, as with a disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from newsletter_app.kernel.buckets import Bucket

if TYPE_CHECKING:
    from obstore.store import S3Store

# A visitor waits for a picture, and a page stands without it.
CONNECT: Final = timedelta(seconds=3)
ANSWER: Final = timedelta(seconds=10)
TRIES: Final = 2


class BucketShelf:
    """Files in a bucket that nobody else need be able to read; pages fetch them through the product."""

    def __init__(self, bucket: Bucket) -> None:
        """Keep them in ``bucket``; nothing is asked of it yet."""
        self._bucket = bucket

    def keep(self, name: str, content: bytes, mime: str) -> None:
        """Put a file there, with its type."""
        with self._as_disk(name):
            self._store.put(name, content, attributes={"Content-Type": mime})

    def read(self, name: str) -> bytes | None:
        """Return the file's content, or None."""
        try:
            with self._as_disk(name):
                return self._store.get(name).bytes().to_bytes()
        except FileNotFoundError:
            return None

    def holds(self, name: str) -> bool:
        """Tell whether the file is there."""
        try:
            with self._as_disk(name):
                self._store.head(name)
        except FileNotFoundError:
            return False
        return True

    def drop(self, name: str) -> None:
        """Delete the file; S3 answers alike where there is none."""
        with self._as_disk(name):
            self._store.delete(name)

    @cached_property
    def _store(self) -> S3Store:
        # Made at the first use: its threads would not live on in a process that is forked off, and whoever
        # keeps pictures on disk does not load it at all.
        from obstore.store import S3Store

        bucket = self._bucket
        return S3Store(
            bucket.name,
            prefix=bucket.folder or None,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=bucket.access_key,
            secret_access_key=bucket.secret_key,
            virtual_hosted_style_request=False,
            client_options={
                "connect_timeout": CONNECT,
                "timeout": ANSWER,
                "allow_http": bucket.endpoint.startswith("http:"),
            },
            retry_config={"max_retries": TRIES, "retry_timeout": ANSWER},
        )

    @contextmanager
    def _as_disk(self, name: str) -> Iterator[None]:
        from obstore.exceptions import BaseError, NotFoundError

        try:
            yield
        except (NotFoundError, FileNotFoundError) as fault:
            raise FileNotFoundError(f"{self._bucket} has no {name}") from fault
        except BaseError as fault:
            # Its own words are long and hold the request.
            raise OSError(f"{self._bucket} does not serve {name}: {type(fault).__name__}") from fault
