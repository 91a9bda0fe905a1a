"""Whole organizations on the move: out into an archive, into another installation, and away for good."""
