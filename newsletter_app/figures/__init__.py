"""Figures: what days and campaigns came to, kept so that no page counts a million rows."""

from newsletter_app.figures.board import (
    NAMES,
    Board,
    Figures,
    Line,
    board,
    following,
    month_before,
    month_of,
    preceding,
)
from newsletter_app.figures.changes import Change, changes
from newsletter_app.figures.folding import day_to_fold, fold, fold_campaign, fold_day
from newsletter_app.figures.models import ALL, CampaignFigure, DailyFigure
from newsletter_app.figures.standing import LATELY, Stand, Standing, standing

__all__ = [
    "ALL",
    "LATELY",
    "NAMES",
    "Board",
    "CampaignFigure",
    "Change",
    "DailyFigure",
    "Figures",
    "Line",
    "Stand",
    "Standing",
    "board",
    "changes",
    "day_to_fold",
    "fold",
    "fold_campaign",
    "fold_day",
    "following",
    "month_before",
    "month_of",
    "preceding",
    "standing",
]
