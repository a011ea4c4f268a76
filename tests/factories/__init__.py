"""Makers of rows for tests, one module a domain."""
