"""A hundred ways to have a page run something (S13), and what a template would take for its own (S14)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final
from urllib.parse import quote

_HANDLERS = (
    "onerror",
    "onload",
    "onclick",
    "onmouseover",
    "onfocus",
    "onanimationend",
    "ontoggle",
    "onbegin",
)
_TAGS = (
    *("img src=x", "svg", "body", "input autofocus", "video src=x", "details open", "math", "marquee"),
    *("iframe", "object data=x", "embed src=x", "form", "isindex", "select", "style", "link rel=stylesheet"),
)
_SCHEMES = (
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)"),
    *(
        "javascript&colon;alert(1)",
        "&#106;avascript:alert(1)",
        "vbscript:msgbox(1)",
        "\x01javascript:alert(1)",
    ),
    *(
        "data:text/html,<script>alert(1)</script>",
        "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=",
        "file:///etc/passwd",
    ),
    *("https://x.example/'onclick='alert(1)", 'https://x.example/"onclick="alert(1)', "//x.example/<script>"),
)
_BROKEN = (
    *(
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//x.example/a.js></SCRIPT>",
        "<scr<script>ipt>alert(1)</script>",
    ),
    *("<script\n>alert(1)</script\n>", "<script/x>alert(1)</script>", "<<script>alert(1)//<</script>"),
    *("</title><script>alert(1)</script>", "--><script>alert(1)</script>", "]]><script>alert(1)</script>"),
    *('"><img src=x onerror=alert(1)>', "'><img src=x onerror=alert(1)>", "`><img src=x onerror=alert(1)>"),
    *("<img src=x onerror=alert(1)//", "<img/src=x/onerror=alert(1)>", "<img \x00src=x onerror=alert(1)>"),
    *(
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<template><img src=x onerror=alert(1)>",
    ),
    *(
        "<svg><script>alert(1)</script></svg>",
        "<svg><animate onbegin=alert(1) attributeName=x>",
        "<svg><a xlink:href=javascript:alert(1)>x</a>",
    ),
    *(
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<style>@import 'javascript:alert(1)';</style>",
    ),
    *("<p style='background:url(javascript:alert(1))'>x</p>", "<p style='width:expression(alert(1))'>x</p>"),
    *("<meta http-equiv=refresh content='0;url=javascript:alert(1)'>", "<base href=javascript:alert(1)//>"),
    *("<iframe srcdoc='<script>alert(1)</script>'></iframe>", "<object data=javascript:alert(1)></object>"),
    *(
        "<form action=javascript:alert(1)><button>x</button></form>",
        "<button formaction=javascript:alert(1)>x</button>",
    ),
    *(
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
        "\ufeff<script>alert(1)</script>",
    ),
    *(
        "＜script＞alert(1)＜/script＞",
        "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
        "<\u2028script>alert(1)</script>",
    ),
    *(
        "![x](javascript:alert(1))",
        '![x"onerror="alert(1)](x)',
        "[x]: javascript:alert(1)",
        "[x](<javascript:alert(1)>)",
    ),
    *(
        "`<script>alert(1)</script>`",
        "    <script>alert(1)</script>",
        '<https://x.example/"onclick=alert(1)>',
        "<!--<script>-->x",
    ),
)
TEMPLATES: Final = (
    "{{7*7}}",
    "{{config}}",
    "{% for x in y %}z{% endfor %}",
    "{{ ''.__class__ }}",
    "{# x #}",
    "Slot_7Qx",
)

PAYLOADS: Final = (
    *(f"<{tag} {_HANDLERS[at % len(_HANDLERS)]}=alert(1)>x" for at, tag in enumerate(_TAGS)),
    *(f'<a href="{scheme}">x</a>' for scheme in _SCHEMES),
    *(f"[x]({scheme})" for scheme in _SCHEMES),
    *_BROKEN,
    *("<a href=x onpointerover=alert(1)>x</a>", "<p id=x tabindex=1 onfocus=alert(1)>x</p>"),
    *("<textarea><script>alert(1)</script></textarea>", "<xmp><img src=x onerror=alert(1)></xmp>"),
    *(quote(tag) for tag in ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>")),
    *TEMPLATES,
)

_RUNNING: Final = frozenset(
    {"iframe", "object", "embed", "svg", "math", "base", "marquee", "animate", "template"}
)
_SCHEME: Final = re.compile(r"(?!https?:|mailto:|tel:)[^/?#]*:")


class _Runs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: re.sub(r"[\s\x00-\x20]", "", value or "").lower() for name, value in attrs}
        own = tag == "script" and (
            given.get("src", "").startswith("/static/") or "json" in given.get("type", "")
        )
        if tag in _RUNNING or (tag == "script" and not own):
            self.found.append(tag)
        for name, value in given.items():
            led = name in ("href", "src", "action", "formaction", "data") and _SCHEME.match(value)
            if name.startswith("on") or led or name == "srcdoc":
                self.found.append(f"{tag} {name}={value}")


def what_runs(html: str) -> list[str]:
    """Return what a browser would run or load of a whole page or mail, beyond the product's own scripts."""
    reader = _Runs()
    reader.feed(html)
    reader.close()
    return reader.found
