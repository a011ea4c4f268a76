"""Tests of newsletter_app/campaigns."""
