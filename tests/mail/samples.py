"""Words that mail programs stumble over, for the mail tests: texts of many scripts, and injections."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

# A time limit per example would only tell how busy the machine is.
quick = settings(max_examples=100, deadline=None)

SPECIMENS = (
    "Éloïse Côté-L’Heureux",
    "Conseil nº 24 : bougez régulièrement, « un peu chaque jour » — même l’hiver!",
    "脚のしびれと運動について知っておきたい二十四のこと、毎日すこしずつ体を動かしましょう",
    "Бег трусцой и ходьба",
    "مرحبا بكم في نشرتنا الصحية",
    "שלום ‏(RTL)‏",
    "👩🏽‍⚕️🧑‍🦽💚" * 6,
    'Rose "Rosie" O\'Neil, Ph.D.',
    'back\\slash \\" mix',
    "=?x?q?y?=",
    "a =?utf-8?q?=C3=A9?= b",
    "=?",
    "a, b; c: d <e@f.example>",
    "(comment) [literal] @",
    "word" * 1250,
    "x" * 77,
    "plain words that go on and on until they have to be folded somewhere near the edge of a line",
    "é" * 400,
    "mot " * 60 + "é",
    "a\u00a0b\u202fc",
    "e\u0301" * 40,
    ".",
    "trailing ",
    "_under_score_ ?? == __",
)

BODIES = (
    "a\n.\nb",
    "a\r.\rb",
    "lone\rCR",
    "a\r\n.\r\nb",
    "\n.\n",
    "..\n...\n.",
    "From here on\nFrom  there",
    "trailing spaces   \nand tabs\t\t\n ",
    "x" * 5000,
    "é" * 5000,
    "https://example.org/" + "a=b&" * 500,
    "." * 300,
    "=" * 200,
    "=3D =\r\nsoft?",
    "nul \0 bell \x07 esc \x1b[0m",
    "--=_boundary\n--=_\n----",
    "next\u0085line\u2028and\u2029more",
    "\ud800 lone surrogate",
    "a" * 75 + ".b",
    "a" * 75 + "From b",
    "a" * 74 + " .b",
)

INJECTIONS = (
    "x\r\nBcc: evil@example.net",
    "x\nBcc: evil@example.net",
    "x\rBcc: evil@example.net",
    "x\r\n\r\n<script>body</script>",
    "x\n\nbody",
    "x%0d%0aBcc: evil@example.net",
    "x\u2028Bcc: evil@example.net",
    "x\u2029Bcc: evil@example.net",
    "x\u0085Bcc: evil@example.net",
    "x\x0bBcc: evil@example.net",
    "x\x0cBcc: evil@example.net",
    "x\x1cBcc: evil@example.net",
    "x\x1eBcc: evil@example.net",
    "x\0Bcc: evil@example.net",
    "x\r\n\tBcc: evil@example.net",
    "x\r\n Bcc: evil@example.net",
    "\r\nBcc: evil@example.net",
    'x" <evil@example.net>, "y',
    "x <evil@example.net>, y",
    "=?utf-8?q?x=0D=0ABcc:_evil@example.net?=",
    "x\\\r\nBcc: evil@example.net",
    "嘊嘍Bcc: evil@example.net",
    "x\r\n.\r\nMAIL FROM:<evil@example.net>",
)

header_texts = st.one_of(
    st.sampled_from(SPECIMENS + INJECTIONS),
    st.text(max_size=200),
    st.text(alphabet='aé "\\,.=?_<>@\r\n\t\u2028日🙂', max_size=120),
    st.lists(st.sampled_from(SPECIMENS), min_size=1, max_size=3).map(" ".join),
)
body_texts = st.one_of(
    st.sampled_from(BODIES + INJECTIONS + SPECIMENS),
    st.text(max_size=300),
    st.text(alphabet="aé .=\r\n\t<&F\0日", max_size=300),
    st.lists(st.sampled_from(BODIES), min_size=1, max_size=3).map("\n".join),
)
