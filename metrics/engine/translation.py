"""Marks sentences for the message catalogue where gettext itself, which is Django's here, may not be imported."""


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools know
    """`message` unchanged: the caller of the engine translates it when the reader's language is known."""
    return message
