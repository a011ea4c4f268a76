"""What a refused command says: a sentence or two for each breach of the rooms, saying what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from newsletter_app.cli.lacks import lack
from newsletter_app.kernel.errors import Breach

SENTENCES: Final[Mapping[str, str]] = {
    "address-suppressed": "Nothing may be sent to this address. See flask suppressions list.",
    "by-missing": "Nobody is named for the record: give --by with your e-mail address.",
    "cadence-unknown": "{cadences} is no rhythm: take each, weekly or monthly.",
    "campaign-begun": "Campaign {campaign} has begun, so it cannot be taken back; cancel it instead.",
    "campaign-cancelled": "Campaign {campaign} is cancelled; nothing of it is sent any more.",
    "campaign-ended": "Campaign {campaign} is {state}; nothing of it is left to stop.",
    "campaign-not-launched": "Campaign {campaign} has not begun, so there is nothing to try again.",
    "campaign-not-paused": "Campaign {campaign} is {state}, not paused, so there is nothing to resume.",
    "campaign-not-running": "Campaign {campaign} is {state}, so there is nothing to pause.",
    "campaign-recalled": (
        "Campaign {campaign} mails a tip that was taken back. End it (flask campaigns cancel {campaign}"
        " --give-back lets its readers have the rest with a later mail), or put the tip back on the web first"
        " (flask tips publish NUMBER --web-only)."
    ),
    "campaign-too-old": (
        "The lifetime of campaign {campaign} is over; what it did not bring comes with a later mail."
    ),
    "campaign-without-tip": (
        "The tip of campaign {campaign} is gone. Cancel it: flask campaigns cancel {campaign}"
    ),
    "catalogue-missing": (
        "The words in {language} are not compiled. Run ./run --install requirements.txt once."
    ),
    "colour-unreadable": "{colour!r} is no colour: write it as #0B4A40, # and six of 0-9 and A-F.",
    "comment-missing": "--comment says in 1 to {limit} signs what is to be done.",
    "contrast-too-low": (
        "--{name} {colour} and {against} {other} have a contrast of {ratio} to 1 ({scheme} scheme), and"
        " eyes need {needed} to 1. Take a colour that is further from {other}."
    ),
    "day-unreadable": "{day!r} is no day in {field}: write it as 2026-03-24.",
    "edition-empty": "Nothing would stand in this mail: write a side of the tip first.",
    "edition-not-compiled": "Edition {edition} has no compiled mail. Pause its campaign and resume it.",
    "email-unreadable": "{address!r} is no e-mail address that every mail can bear (help@example.org).",
    "finding-not-waivable": (
        "{finding} cannot be waived: without it the mail would be unlawful, broken or of nothing. Mend it."
    ),
    "finding-stops-nothing": "{finding} is a hint and stops nothing, so there is nothing to waive.",
    "image-too-large": "The picture has {octets} bytes and may have {limit}. Save it smaller.",
    "image-too-many-pixels": "The picture has more than 40 million pixels. Save it smaller.",
    "image-unreadable": "The picture is no whole PNG, JPEG, GIF or WebP file. Save it again as one of these.",
    "language-unknown": "{language!r} is none of our languages: take en or fr.",
    "last-owner": "This is the only owner who can sign in. Make somebody else an owner first.",
    "layout-unknown": "{layout!r} is no layout: take standard, large or text.",
    "mail-refused": "No lawful mail can be made of its words. See flask tips check.",
    "note-length": (
        "A note says in 1 to {limit} signs what was changed; why a tip is gone is said in each language."
    ),
    "notice-key-taken": "There is a notice {key} already. Take another key; see flask notices list.",
    "notice-missing": "Say for which notice {title!r} is.",
    "notice-side-missing": "The notice {key} has no words in {languages}. Give them in both languages.",
    "notice-unknown": "There is no notice {keys}. See flask notices list.",
    "organisation-fact-unknown": (
        "The organisation has nothing called {names}. See flask organisation set --help."
    ),
    "organisation-missing": "The organisation is not set yet. See flask organisation set --help.",
    "organisation-word-unknown": (
        "The organisation has no words called {names}. See flask organisation set --help."
    ),
    "pace-name-unreadable": (
        "{name!r} names no {scope}: give a server as host:port (as SMTP_URL has it), a domain as example.org,"
        " and nothing for overall."
    ),
    "pace-rate-unreadable": (
        "{rate} is no rate: give messages a second from 0.001 to 1000000, with at most three decimal places."
    ),
    "pace-scope-unknown": "{scope!r} is none of {scopes}.",
    "pace-unknown": "No such limit is set for {scope} {name}. See flask pace list.",
    "pace-warm-up-unreadable": (
        "This is no warm-up: it begins with at least one message a day, grows by a factor from 1 to 100"
        " with at most three decimal places, and its ceiling is no lower than its beginning."
    ),
    "reader-not-subscribed": "This reader gets none of the notices of this tip.",
    "reason-missing": "--reason says in 1 to {limit} signs why it may go out as it is.",
    "reference-cited": "Reference {number} is cited in the text: take its mark [{number}] out first.",
    "reference-length": "A reference has 1 to {limit} signs.",
    "references-many": "Add at most {limit} references at once.",
    "reference-there": "That reference is there already, as number {number}.",
    "reference-unknown": "The tip has no such reference; it may have been taken out meanwhile.",
    "references-differ": (
        "The sides of a tip share one list of references, and this file has {here} where the tip has {there}."
        " Give both files the same references, and import both in one command."
    ),
    "review-days": (
        "A tip is checked on a day that has come ({on} is given), and again on a later one ({due} is given)."
    ),
    "role-unknown": "{role!r} is no role: take viewer, editor, publisher or owner.",
    "sender-kind": "{kind!r} is no kind of sender. Update the product; its parts differ in age.",
    "sender-unknown": "Sender {sender} is not in the database. Was an older backup restored?",
    "series-not-offered": (
        "Notice {notice} is not offered from tip 1: flask notices set {notice} --offers-series"
    ),
    "series-pace-unknown": "{pace!r} is no pace of a series: take daily, twice or weekly.",
    "series-without-numbers": "The tips of {key} have no numbers, so nobody can begin with tip 1.",
    "service-mail-kind-unknown": "{kind!r} is no service mail. Update the product; its parts differ in age.",
    "slot-unreadable": "No calendar shows this: {names}. See flask organisation rhythm --help.",
    "source-unknown": "{source!r} is no source of a consent: take phone or paper.",
    "staff-disabled": "This person is let in no more. Let them in again first: flask staff enable EMAIL.",
    "staff-exists": "This person is on the staff already ({state}). See flask staff list.",
    "stage-wrong": (
        "The tip is {stage}. Ask for its approval first (flask tips ask-approval), then approve it or give it"
        " back."
    ),
    "subscriber-unknown": "Nobody with this address is known here. Look whether it is spelled right.",
    "suppression-unknown": "No such suppression stands for scope {scope}. See flask suppressions list.",
    "template-faulty": "A template is at fault: {template}, line {line}: {reason}.",
    "text-too-long": "{field} has more than {limit} signs: shorten it.",
    "time-zone-unknown": "{zone!r} is no time zone; take a name such as America/Edmonton.",
    "tip-holds-mark": (
        "Tip {tip} holds the word Slot7Qx, which marks places to fill in, or leads to a tip whose title does."
        " Take it out and import again."
    ),
    "tip-incomplete": "The tip is not complete: {missing}.",
    "tip-not-approved": (
        "Nobody has approved the tip as it is now. See flask tips ask-approval and flask tips approve."
    ),
    "tip-not-published": "This tip was never on the web, so there is nothing to correct: import it again.",
    "tip-number-in-other-notice": (
        "This tip stands in another notice already. Give another number or slug, or that notice by --notice."
    ),
    "tip-number-missing": (
        "Tips of this notice have numbers, and “{title}” has none. Begin its title with “#25 ” or so."
    ),
    "tip-number-taken": "There is a tip {number} already.",
    "tip-on-the-web": (
        "{title!r} is on the web already, and an import does not write over it. Change it on its own page."
    ),
    "topic-taken": "There is a topic {key} already, or one of these names. See flask topics list.",
    "topic-unknown": "There is no topic {keys}. See flask topics list, and flask topics add --help.",
    "web-address-unreadable": "{address!r} is no web address: begin it with https://",
    "wish-unreadable": "This is no weekday, hour or time zone: {name}.",
    "writer-approves": (
        "Whoever wrote a tip cannot approve it here. Ask somebody else, or let the owner change the rule"
        " (flask organisation set --writers-approve)."
    ),
}


def sentence(breach: Breach) -> str:
    """Return what to tell the person who typed the command; a code without a sentence is told as it is."""
    template = SENTENCES.get(breach.code)
    return template.format_map(_in_words(breach.facts)) if template else f"Refused: {breach}."


def _in_words(facts: Mapping[str, object]) -> dict[str, Any]:
    if isinstance(missing := facts.get("missing"), str):
        return {**facts, "missing": "; ".join(lack(code) for code in missing.split(","))}
    return dict(facts)
