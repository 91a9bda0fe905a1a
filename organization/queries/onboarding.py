"""The first steps of a new organization, ticked by what there is and not by what was clicked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.models import Department, Member, Organization


@dataclass(frozen=True)
class FirstStep:
    """One step. rows(): what there is once it is done."""

    key: str
    label: Any
    text: Any
    icon: str
    url_name: str
    permission: str
    rows: Callable[[], Any]


@dataclass(frozen=True)
class Step:
    """A step as the page shows it."""

    label: Any
    text: Any
    icon: str
    url: str
    is_done: bool


_steps: list[FirstStep] = []


def register_step(step: FirstStep) -> None:
    """Add a step; the order of the floors is the order of the steps."""
    if all(known.key != step.key for known in _steps):
        _steps.append(step)


def first_steps(actor: Actor, organization: Organization) -> list[Step]:
    """The steps that the actor may take, in one statement; none once they are done or closed, and none for a sample."""
    if organization.is_sample or organization.onboarding_closed_at or not actor.holds("organization.settings.edit"):
        return []
    mine = [step for step in _steps if actor.holds(step.permission)]
    found = Organization.objects.filter(pk=organization.pk).values_list(*[Exists(step.rows()) for step in mine]).get()
    done: dict[str, bool] = dict(zip([step.key for step in mine], found, strict=True))
    if all(done.values()):
        return []
    return [Step(step.label, step.text, step.icon, reverse(step.url_name), done[step.key]) for step in mine]


register_step(
    FirstStep(
        "department",
        _("Make the first department"),
        _("Figures, rights and work belong to departments."),
        "hierarchy",
        "organization:department-new",
        "organization.department.edit",
        lambda: Department.objects.all(),
    )
)
register_step(
    FirstStep(
        "colleague",
        _("Bring a colleague in"),
        _("Every figure has an owner who looks after it."),
        "user-plus",
        "organization:member-list",
        "organization.member.edit",
        lambda: Member.objects.order_by("pk")[1:],
    )
)
