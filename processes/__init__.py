"""Procedures that staff follow: their texts, their runs, and every departure from the text."""
