"""Tests of newsletter_app/outbox."""
