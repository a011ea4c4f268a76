"""Figures: what days and campaigns came to, kept so that no page counts a million rows."""
