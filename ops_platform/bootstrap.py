"""Installs the packages on a first start. Standard library only, since nothing else is there yet."""


def ensure_packages(arguments):
    """Make Django importable."""
