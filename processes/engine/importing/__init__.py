"""Procedures out of other people's files."""
