"""Tests of newsletter_app/preflight."""
