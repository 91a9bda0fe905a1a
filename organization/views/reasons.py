"""Why somebody may see an object, and what a member may do at all."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ops_platform.web.htmx import render_page
from organization.errors import NotAllowed, NotVisible
from organization.models import Member
from organization.queries.departments import visible_members
from organization.queries.kinds import kind_of, place_of, visible_object
from organization.queries.reasons import rights_of, verdicts
from organization.views.base import PageView, visible_or_404


class WhyView(PageView):
    """Why can I see this? Or, for whoever sees roles: why can somebody else?"""

    permission = "organization.home.view"

    def get(self, request: HttpRequest, label: str, pk: int) -> HttpResponse:
        subject = visible_object(self.actor, label, pk)
        if subject is None:
            raise NotVisible
        may_choose = self.actor.holds("organization.role.view")
        member = self.chosen(request.GET.get("member", ""), may_choose)
        kind = kind_of(label)
        assert kind is not None  # else it were not visible
        context = {
            "object": subject,
            "kind": kind.label,
            "url": place_of(subject),
            "bearer": member,
            "is_self": member.pk == self.request.member.pk,
            "verdicts": verdicts(member, subject),
            "may_choose": may_choose,
            "members": visible_members(self.actor).filter(is_active=True)[:500] if may_choose else [],
            "steps": [(str(subject), place_of(subject))],
        }
        return render_page(request, "organization/why.html", context)

    def chosen(self, text: str, may_choose: bool) -> Member:
        """The member asked about: oneself, unless the actor may look into roles."""
        if not text or text == str(self.request.member.pk):
            return self.request.member
        if not may_choose:
            raise NotAllowed(_("Ask an administrator what others may do."))
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
        found: Member = visible_or_404(visible_members(self.actor), pk=number)
        return found


class MemberRightsView(PageView):
    """Everything that a member may do, and from which role."""

    permission = "organization.role.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        member = visible_or_404(visible_members(self.actor), pk=pk)
        steps = [
            (_("Members"), reverse("organization:member-list")),
            (member.name, reverse("organization:member-detail", args=[member.pk])),
        ]
        context = {"subject": member, "groups": rights_of(member), "steps": steps}
        return render_page(request, "organization/member_rights.html", context)
