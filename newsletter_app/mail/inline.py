"""Style rules moved into style attributes, as mail programs need them; refuses to fetch anything."""

from css_inline import CSSInliner

# At-rules stay in their <style>: dark colours and narrow screens cannot be said in an attribute. The rules
# that were moved do not stay, since Gmail drops a <style> of 8,192 characters or more whole.
_INLINER = CSSInliner(
    keep_style_tags=False, keep_at_rules=True, keep_link_tags=False, load_remote_stylesheets=False
)
_CHARSET = '<meta charset="utf-8">'


def inline_css(html: str) -> str:
    """Return the whole HTML document with its style sheets inlined and its slot marks untouched.

    Template braces do not survive this: templates are rendered, with marks for what differs, beforehand.
    """
    return with_charset_first(_INLINER.inline(html))


def with_charset_first(html: str) -> str:
    """Put what says the charset before the style sheet: 1,024 octets are looked through (HTML 4.2.5.4)."""
    if _CHARSET not in html:
        return html
    return html.replace(_CHARSET, "", 1).replace("<head>", f"<head>{_CHARSET}", 1)
