"""Makers of rows for tests."""

from tests.factories.organizations import (
    PASSWORD,
    actor_of,
    in_organization,
    make_actor,
    make_member,
    make_organization,
    make_user,
)

__all__ = [
    "PASSWORD",
    "actor_of",
    "in_organization",
    "make_actor",
    "make_member",
    "make_organization",
    "make_user",
]
