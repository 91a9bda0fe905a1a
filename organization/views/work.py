"""My work, and what the people of a manager owe."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops_platform.web.columns import Column
from ops_platform.web.paging import Order, Page
from organization.choices import Scope, WorkWhose
from organization.forms.work import AssignForm, WorkFilters
from organization.models import WorkItem
from organization.queries.told_words import work_title
from organization.queries.work import my_work, team_work
from organization.queries.work_lists import Moments, work_groups
from organization.services import work_items
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView
from organization.views.lists import ListView
from organization.work_kinds import find_or_none


def _kind(item: WorkItem) -> Any:
    kind = find_or_none(item.kind)
    return kind.label if kind else item.kind


class WorkListView(ListView):
    """What is owed, by when: one's own, or that of the people whose work one may see."""

    permission = "organization.work.view"
    template = rows_template = "organization/work_list.html"
    title = _("My work")
    empty_template = "organization/_empty_work.html"
    filter_form = WorkFilters
    order = Order("due", ("due_at", "pk"), is_nullable=True)
    columns = (
        Column("title", _("What is to be done"), work_title, is_wide=True),
        Column("kind", _("Kind"), _kind),
        Column("owner", _("Owner"), lambda item: item.owner or item.role),
        Column("department", _("Department"), "department"),
        Column("due", _("Due"), "due_at", kind="instant"),
        Column("provisional", _("Provisional"), lambda item: _("Provisional") if item.is_provisional else ""),
    )

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.moments: Moments | None = None

    @property
    def whose(self) -> WorkWhose:
        """Whose work the address asks for, as far as the actor may see it."""
        asked = self.request.GET.get("whose") == WorkWhose.TEAM
        return WorkWhose.TEAM if asked and self.may_see_team else WorkWhose.MINE

    @property
    def may_see_team(self) -> bool:
        """Whether the actor sees more than their own."""
        return any(grant.scope != Scope.OWN for grant in self.actor.grants.get(self.permission, ()))

    @property
    def borders(self) -> Moments:
        """Now, the end of today and of the week, once for the request."""
        if self.moments is None:
            organization = self.request.organization
            self.moments = Moments.at(
                timezone.now(), timezone=organization.timezone, week_starts_on=organization.week_starts_on
            )
        return self.moments

    def rows(self) -> TenantQuerySet:
        found = team_work(self.actor) if self.whose == WorkWhose.TEAM else my_work(self.actor)
        filters = dict(self.filters)
        if when := filters.pop("when", ""):
            found = found.filter(self.borders.filter(when))
        if department := filters.pop("department", None):
            found = found.filter(department__path__gte=department.path, department__path__lt=department.path[:-1] + "0")
        return found.filter(**filters).select_related("owner", "role", "department")

    def page(self, order: Order) -> Page[Any]:
        self.found = super().page(order)
        return self.found

    def context(self) -> dict[str, Any]:
        return {
            "groups": work_groups(self.found.rows, self.borders),
            "whose": self.whose,
            "own": self.actor.member_id,
            "whose_choices": WorkWhose.choices if self.may_see_team else (),
            "may_assign": self.actor.holds("organization.work.assign"),
        }


class WorkAssignView(FormPageView):
    """Give an open item to somebody else."""

    permission = "organization.work.assign"
    title = _("Give to somebody else")
    submit_label = _("Give the work")
    message = _("The work is given, and the new owner is told.")

    def prepare(self, **kwargs: Any) -> None:
        visible = WorkItem.objects.visible_to(self.actor).select_related("owner", "role", "department")
        self.item = self.subject(visible, pk=kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> Any:
        return AssignForm(data, actor=self.actor, initial={"owner": self.item.owner, "version": self.item.version})

    def save(self, facts: dict[str, Any]) -> str:
        work_items.reassign(self.actor, self.item, **facts)
        return f"{reverse('organization:work-list')}?whose=team"

    def context(self) -> dict[str, Any]:
        return {
            "steps": [(_("My work"), f"{reverse('organization:work-list')}?whose=team")],
            "intro": work_title(self.item),
        }


class WorkDropView(ActionView):
    """Close an item that nobody needs any more."""

    permission = "organization.work.assign"
    message = _("Nobody owes this any more.")

    def act(self, **kwargs: Any) -> str:
        work_items.drop(self.actor, self.subject(WorkItem.objects.visible_to(self.actor), pk=kwargs["pk"]))
        return f"{reverse('organization:work-list')}?whose=team"

    def refused_url(self, **kwargs: Any) -> str:
        return f"{reverse('organization:work-list')}?whose=team"
