"""Authentication: what the DNS says of our domain, and whether others will believe who sent our mail."""

from newsletter_app.authentication.asking import Answer, Kind, Resolver, Silence

__all__ = ["Answer", "Kind", "Resolver", "Silence"]
