"""The tree of departments as it was on a day, and who moved what when."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops_platform.web.htmx import render_page
from organization.engine.local_time import local_day
from organization.errors import NotAllowed
from organization.forms.base import INDENT
from organization.forms.departments import DayForm
from organization.queries.department_moves import moves, name_of_place, names_of, places_before, tree_on
from organization.views.base import PageView

MOST_SHOWN = 100


class DepartmentHistoryView(PageView):
    """For those who see all departments: a part of an older tree would mislead."""

    permission = "organization.department.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.holds_everywhere(self.permission):
            raise NotAllowed(_("The history shows all departments, and you see some of them."))
        zone = self.request.organization.timezone
        form = DayForm(request.GET or None)
        chosen = form.cleaned_data["on"] if form.is_bound and form.is_valid() else None
        on = chosen or local_day(timezone.now(), zone)
        made = list(moves()[:MOST_SHOWN])
        before = places_before(made)
        named = names_of({above for one in made for above in (one.above, before[one.pk]) if above is not None})
        lines = [
            (one, name_of_place(one), named.get(before[one.pk] or 0, ""), named.get(one.above or 0, "")) for one in made
        ]
        tree = [(f"{INDENT * line.depth}{line.name}", line.code) for line in tree_on(on, timezone=zone)]
        form = form if form.is_bound else DayForm(initial={"on": on})
        context = {"form": form, "on": on, "tree": tree, "moves": lines}
        return render_page(request, "organization/department_history.html", context)
