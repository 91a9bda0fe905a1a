"""Browsers of members."""

from tests.organization.views.conftest import sign_in

__all__ = ["sign_in"]
