"""Measurements of the product, each run as ``python -m bench.NAME``; nothing here is part of it."""
