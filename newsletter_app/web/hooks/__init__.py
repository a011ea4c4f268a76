"""Where mail providers tell what came back: one provider, one pure reader of what it sends."""

from newsletter_app.web.hooks.views import install

__all__ = ["install"]
