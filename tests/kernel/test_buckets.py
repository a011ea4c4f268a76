"""MEDIA_URL: read whole or refused in words that show no key."""

from __future__ import annotations

import pytest

from newsletter_app.kernel.buckets import Bucket, BucketFault, read_bucket_url


@pytest.mark.parametrize(
    ("text", "endpoint", "path", "region"),
    [
        ("s3://AK:S3CR@s3.example.ca/pictures", "https://s3.example.ca", ("pictures", ""), "us-east-1"),
        (
            "s3://AK:S3CR@s3.example.ca:9000/pictures/news/2026?region=ca-central-1",
            "https://s3.example.ca:9000",
            ("pictures", "news/2026"),
            "ca-central-1",
        ),
        (
            "s3://AK:S3CR@127.0.0.1:9000/pictures?tls=off",
            "http://127.0.0.1:9000",
            ("pictures", ""),
            "us-east-1",
        ),
        ("s3://AK:S3CR@[::1]:9000/a.b-c/?tls=on", "https://[::1]:9000", ("a.b-c", ""), "us-east-1"),
    ],
)
def test_an_address_is_read(text: str, endpoint: str, path: tuple[str, str], region: str) -> None:
    assert read_bucket_url(text) == Bucket(endpoint, *path, region, "AK", "S3CR")


def test_no_address_is_no_bucket() -> None:
    assert read_bucket_url("") is None


def test_keys_may_hold_what_an_address_may_not() -> None:
    found = read_bucket_url("s3://A%2FK:s%2Fe%2Bc%3Dr%40t@s3.example.ca/pictures")
    assert found is not None
    assert (found.access_key, found.secret_key) == ("A/K", "s/e+c=r@t")


def test_no_key_is_shown() -> None:
    found = read_bucket_url("s3://AKIAKEY:HUSHHUSH@s3.example.ca/pictures/news")
    assert str(found) == "https://s3.example.ca/pictures/news"
    for shown in (str(found), repr(found)):
        assert "AKIAKEY" not in shown  # S30
        assert "HUSHHUSH" not in shown


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://AK:HUSHHUSH@s3.example.ca/pictures", "must be s3://"),
        ("s3://s3.example.ca/pictures", "must be s3://"),
        ("s3://AK@s3.example.ca/pictures", "must be s3://"),
        ("s3://AK:HUSHHUSH@/pictures", "must be s3://"),
        ("s3://AK:HUSH/HUSH@s3.example.ca/pictures", "cannot be read"),
        ("s3://AK:HUSHHUSH@s3.example.ca", "has no bucket"),
        ("s3://AK:HUSHHUSH@s3.example.ca/UPPER", "has no bucket"),
        ("s3://AK:HUSHHUSH@s3.example.ca/pictures/../keys", "has no bucket"),
        ("s3://AK:HUSHHUSH@s3.example.ca/pictures?acl=public", "has the option acl"),
        ("s3://AK:HUSHHUSH@s3.example.ca/pictures?region=a b", "has a region"),
        ("s3://AK:HUSHHUSH@s3.example.ca/pictures?tls=maybe", "has tls neither"),
        ("s3://AK:HUSHHUSH@s3.example.ca/pictures?tls=off", "turns TLS off for a server elsewhere"),
        ("s3://AK:HUSHHUSH@s3.example.ca:port/pictures", "cannot be read"),
    ],
)
def test_what_is_none_is_refused_without_showing_a_key(text: str, told: str) -> None:
    with pytest.raises(BucketFault, match=told) as refused:
        read_bucket_url(text)
    assert "HUSH" not in str(refused.value)  # S30
