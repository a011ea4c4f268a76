"""Writing a tip: its parts saved as revisions, compared, approved and released; nothing typed is dropped."""

from __future__ import annotations

from newsletter_app.tips.writing.beginning import (
    add_references,
    begin,
    cite,
    cited_numbers,
    find_references,
    next_number,
    references_written,
    take_out,
)
from newsletter_app.tips.writing.comparing import Paragraph, Piece, compare
from newsletter_app.tips.writing.desk_list import OnDesk, count_on_desk, on_desk
from newsletter_app.tips.writing.models import TipRevision, TipStep
from newsletter_app.tips.writing.parts import ABOUT, LENGTHS, AboutTip, Content, Part, SideText
from newsletter_app.tips.writing.releasing import as_written, is_held_back, is_waiting, release
from newsletter_app.tips.writing.resting import count_resting
from newsletter_app.tips.writing.saving import Outcome, say_the_same, write
from newsletter_app.tips.writing.stages import (
    LONGEST_COMMENT,
    approve,
    approve_by_sending,
    ask_approval,
    give_back,
    steps,
    writers,
)
from newsletter_app.tips.writing.standing import (
    Written,
    about_written,
    as_written_then,
    find_revision,
    revisions,
    side_written,
    written,
)
from newsletter_app.tips.writing.translating import READ, Changed, changed_since, is_behind

__all__ = [
    "ABOUT",
    "LENGTHS",
    "LONGEST_COMMENT",
    "READ",
    "AboutTip",
    "Changed",
    "Content",
    "OnDesk",
    "Outcome",
    "Paragraph",
    "Part",
    "Piece",
    "SideText",
    "TipRevision",
    "TipStep",
    "Written",
    "about_written",
    "add_references",
    "approve",
    "approve_by_sending",
    "as_written",
    "as_written_then",
    "ask_approval",
    "begin",
    "changed_since",
    "cite",
    "cited_numbers",
    "compare",
    "count_on_desk",
    "count_resting",
    "find_references",
    "find_revision",
    "give_back",
    "is_behind",
    "is_held_back",
    "is_waiting",
    "next_number",
    "on_desk",
    "references_written",
    "release",
    "revisions",
    "say_the_same",
    "side_written",
    "steps",
    "take_out",
    "write",
    "writers",
    "written",
]
