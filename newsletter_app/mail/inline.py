"""Style rules moved into style attributes, as mail programs need them; refuses to fetch anything."""

from css_inline import CSSInliner

# At-rules stay in their <style>: dark colours and narrow screens cannot be said in an attribute. The rules
# that were moved do not stay, since Gmail drops a <style> of 8,192 characters or more whole.
_INLINER = CSSInliner(
    keep_style_tags=False, keep_at_rules=True, keep_link_tags=False, load_remote_stylesheets=False
)


def inline_css(html: str) -> str:
    """Return the whole HTML document with its style sheets inlined and its slot marks untouched.

    Template braces do not survive this: templates are rendered, with marks for what differs, beforehand.
    """
    return _INLINER.inline(html)
