"""Tests of newsletter_app/digests."""
