"""Tests of newsletter_app/delivery."""
