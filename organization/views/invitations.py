"""Pages of whoever invites: invitations, one of them, new ones."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ops_platform.web.addresses import address
from ops_platform.web.columns import Column
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Level, Status
from organization.choices import InvitationState
from organization.forms.invitations import InvitationFilters, InviteForm
from organization.models import Invitation
from organization.queries.invitations import invitations as visible_invitations
from organization.services import invitations
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from organization.views.lists import ListView

LEVELS: dict[str, Level] = {
    InvitationState.ACCEPTED: "good",
    InvitationState.OPEN: "info",
    InvitationState.FAILED: "bad",
}


def _url(invitation: Invitation) -> str:
    return address("organization:invitation-detail", invitation.pk)


def _state(invitation: Invitation) -> Status:
    state = invitation.state(timezone.now())
    return Status(LEVELS.get(state, "neutral"), str(state.label))


def _base() -> str:
    return f"{settings.SITE_URL}/"


class InvitationListView(ListView):
    """Who was invited, by whom, and what became of it."""

    permission = "organization.member.edit"
    template = "organization/invitation_list.html"
    title = _("Invitations")
    empty_template = "organization/_empty_invitations.html"
    order = Order("newest", ("pk",), is_descending=True)
    filter_form = InvitationFilters
    columns = (
        Column("email", _("E-mail"), "email", kind="link", href=_url, is_wide=True),
        Column("role", _("Role"), lambda row: row.role.display_name if row.role else "", folded="bare"),
        Column(
            "department",
            _("Department"),
            lambda row: row.department.display_name if row.department else "",
            folded="bare",
        ),
        Column("inviter", _("Invited by"), "inviter__name"),
        Column("sent", _("Sent"), "sent_at", kind="instant"),
        Column("expires", _("Expires"), "expires_at", kind="instant"),
        Column("state", _("State"), _state, kind="status", folded="end"),
    )

    def rows(self) -> TenantQuerySet:
        found = visible_invitations(self.actor).filter(email__icontains=self.filters.get("q", ""))
        live = Q(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
        match self.filters.get("state"):
            case "live":
                return found.filter(live)
            case "accepted":
                return found.exclude(accepted_at=None)
            case "closed":
                return found.filter(~live, accepted_at=None)
        return found

    def context(self) -> dict[str, Any]:
        return {"may_create": True}  # whoever sees the list may add to it


class InvitationNewView(FormPageView):
    """Invite people, several at once."""

    permission = "organization.member.edit"
    title = _("Invite people")
    submit_label = _("Send the invitations")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return InviteForm(data, actor=self.actor, initial={"department": self.request.GET.get("department")})

    def save(self, facts: dict[str, Any]) -> str:
        made = invitations.invite(self.actor, self.request.organization, link_base=_base(), **facts)
        sentence = ngettext("%(count)d invitation is on its way.", "%(count)d invitations are on their way.", len(made))
        self.message = sentence % {"count": len(made)}
        return reverse("organization:invitation-list")

    def context(self) -> dict[str, Any]:
        return {
            "steps": [
                (_("Members"), reverse("organization:member-list")),
                (_("Invitations"), reverse("organization:invitation-list")),
            ]
        }


class InvitationDetailView(PageView):
    """One invitation, with the buttons that send it again or end it."""

    permission = "organization.member.edit"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        invitation = visible_or_404(visible_invitations(self.actor), pk=pk)
        context = {
            "invitation": invitation,
            "state": _state(invitation),
            "is_open": invitation.accepted_at is None and invitation.revoked_at is None,
        }
        return render_page(request, "organization/invitation_detail.html", context)


class InvitationActionView(ActionView):
    """A button of one invitation."""

    permission = "organization.member.edit"

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("organization:invitation-detail", args=[kwargs["pk"]])

    @property
    def invitation(self) -> Invitation:
        """The one that the address names."""
        found: Invitation = self.subject(visible_invitations(self.actor), pk=self.kwargs["pk"])
        return found


class InvitationSendView(InvitationActionView):
    """Mail a new link."""

    message = _("A new mail is on its way. The link of the mail before no longer works.")

    def act(self, **kwargs: Any) -> str:
        invitations.send_again(self.actor, self.invitation, link_base=_base())
        return self.refused_url(**kwargs)


class InvitationRevokeView(InvitationActionView):
    """End an invitation."""

    message = _("The invitation is revoked. Its link no longer works.")

    def act(self, **kwargs: Any) -> str:
        invitations.revoke(self.actor, self.invitation)
        return reverse("organization:invitation-list")
