"""Tests of newsletter_app/ledger."""
