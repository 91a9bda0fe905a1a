"""Pages of SOPs and their versions, to read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from ops_platform.web.columns import Column, Table
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Level, Status
from organization.tenancy import TenantQuerySet
from organization.views.base import PageView, visible_or_404
from organization.views.lists import ListView
from processes.choices import VersionState
from processes.models import Sop, SopVersion
from processes.queries.sops import sop_rows, versions_of

VERSION_LEVELS: dict[str, Level] = {
    VersionState.DRAFT: "info",
    VersionState.IN_REVIEW: "watch",
    VersionState.APPROVED: "info",
    VersionState.EFFECTIVE: "good",
    VersionState.RETIRED: "neutral",
}


def sop_url(sop: Sop) -> str:
    """The page of a SOP."""
    return sop.get_absolute_url()


def version_url(version: SopVersion) -> str:
    """The page of a version."""
    return version.get_absolute_url()


def version_status(version: SopVersion) -> Status:
    """The state of a version as a pill."""
    return Status(VERSION_LEVELS[version.state], str(VersionState(version.state).label))


def _in_force(sop: Sop) -> str:
    return f"v{sop.current.number}" if sop.current else ""


def _list_step() -> tuple[Any, str]:
    return (_("SOPs"), reverse("processes:sop-list"))


class SopListView(ListView):
    """The SOPs there are."""

    permission = "processes.sop.view"
    template = "processes/sop_list.html"
    empty_template = "processes/_empty_sops.html"
    title = _("SOPs")
    order = Order("name", ("name_key", "pk"))
    columns = (
        Column("name", _("SOP"), "display_name", sort=("name_key", "pk"), href=sop_url, is_wide=True),
        Column("code", _("Code"), "code"),
        Column("department", _("Department"), "department__display_name"),
        Column("owner", _("Owner"), "owner__name"),
        Column("current", _("In force"), _in_force),
        Column("running", _("Running"), "running", kind="number"),
    )

    def rows(self) -> TenantQuerySet:
        return sop_rows(self.actor)


class SopDetailView(PageView):
    """A SOP with its versions."""

    permission = "processes.sop.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        sop = visible_or_404(Sop.objects.visible_to(self.actor).select_related("department", "owner"), pk=pk)
        columns = (
            Column("number", _("Version"), "number", kind="number", href=version_url),
            Column("state", _("State"), version_status, kind="status"),
            Column("effective", _("Takes effect on"), "effective_on", kind="date"),
            Column("by", _("Written by"), "made_by__name"),
            Column("approved", _("Approved by"), "approved_by__name"),
        )
        versions = versions_of(sop)
        context = {
            "sop": sop,
            "table": Table(columns, versions, _now("Versions")) if versions else None,
            "steps": [_list_step()],
        }
        return render_page(request, "processes/sop_detail.html", context)


class VersionDetailView(PageView):
    """The text of a version."""

    permission = "processes.sop.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = SopVersion.objects.visible_to(self.actor).select_related("sop", "approved_by")
        version = visible_or_404(rows, pk=pk)
        context = {
            "version": version,
            "state": version_status(version),
            "sections": version.content.get("sections", []),
            "steps": [_list_step(), (version.sop.display_name, version.sop.get_absolute_url())],
        }
        return render_page(request, "processes/version_detail.html", context)
