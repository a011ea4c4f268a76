"""Tests of newsletter_app/planning."""
