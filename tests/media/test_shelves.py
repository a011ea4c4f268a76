"""What every shelf promises, held against a folder and against a server that speaks S3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from obstore.store import S3Store

from newsletter_app.kernel.buckets import Bucket
from newsletter_app.media import BucketShelf, DiskShelf, Shelf, open_shelf
from tests.media.s3_server import make_bucket, s3_server

PNG = "image/png"
NAME = "a1b2.png"


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """Give a bucket on a running server."""
    with s3_server(tmp_path_factory.mktemp("s3")) as url:
        yield make_bucket(url)


@pytest.fixture(params=["disk", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    """Give one shelf of each kind, empty."""
    if request.param == "disk":
        return open_shelf(None, tmp_path / "media")
    found: Bucket = request.getfixturevalue("bucket")
    return open_shelf(replace(found, folder=f"news/{tmp_path.name}"), tmp_path)


def test_what_is_kept_is_read_back(shelf: Shelf) -> None:
    assert shelf.read(NAME) is None
    assert not shelf.holds(NAME)
    content = os.urandom(300_000)
    shelf.keep(NAME, content, PNG)
    assert shelf.read(NAME) == content
    assert shelf.holds(NAME)
    assert not shelf.holds("other.png")


def test_keeping_again_replaces(shelf: Shelf) -> None:
    for content in (b"first", b""):
        shelf.keep(NAME, content, PNG)
        assert shelf.read(NAME) == content


def test_what_is_dropped_is_gone(shelf: Shelf) -> None:
    shelf.keep(NAME, b"x", PNG)
    shelf.keep("b.png", b"y", PNG)
    shelf.drop(NAME)
    shelf.drop(NAME)
    assert shelf.read(NAME) is None
    assert shelf.read("b.png") == b"y"


def test_a_disk_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path / "media")
    shelf.keep(NAME, b"x", PNG)
    assert [path.name for path in (tmp_path / "media").iterdir()] == [NAME]


def test_what_finds_no_place_leaves_no_part_either(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(OSError):
        DiskShelf(tmp_path).keep(NAME, b"x", PNG)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_bucket_keeps_type_and_folder(bucket: Bucket) -> None:
    BucketShelf(bucket).keep(NAME, b"x", PNG)
    whole = S3Store(
        bucket.name,
        endpoint=bucket.endpoint,
        region=bucket.region,
        access_key_id=bucket.access_key,
        secret_access_key=bucket.secret_key,
        client_options={"allow_http": True},
    )
    found = whole.get(f"news/2026/{NAME}")
    assert found.attributes["Content-Type"] == PNG  # S18
    assert found.bytes() == b"x"


def unanswered(bucket: Bucket) -> Bucket:
    """Return a server where nobody listens."""
    return replace(bucket, endpoint="http://127.0.0.1:9")


def nobodys(bucket: Bucket) -> Bucket:
    """Return a bucket that is not there."""
    return replace(bucket, name="nobodys")


@pytest.mark.parametrize("spoilt", [unanswered, nobodys])
def test_what_fails_is_an_error_of_the_system_and_shows_no_key(bucket: Bucket, spoilt: object) -> None:
    assert callable(spoilt)
    shelf = BucketShelf(spoilt(bucket))
    with pytest.raises(OSError) as refused:
        shelf.keep(NAME, b"x", PNG)
    assert "news/2026" in str(refused.value)
    assert "HUSH" not in str(refused.value)  # S30
    assert "AKIA" not in str(refused.value)
