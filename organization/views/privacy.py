"""What is kept about people: the page that says so, taking it out, erasing it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops_platform.web.exports import harmless
from ops_platform.web.htmx import render_page
from organization.forms.data import EraseForm
from organization.models import Member
from organization.queries.personal_data import data_of, declared, entries_of, responsible_for
from organization.services import erasure, reads
from organization.views.base import FormPageView, PageView, visible_or_404


class PrivacyView(PageView):
    """Each kind of personal data: what, what for, how long, and what becomes of it."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        kinds = sorted({_line(personal) for _model, personal in declared()})
        return render_page(request, "organization/privacy.html", {"kinds": kinds})


class OwnDataView(PageView):
    """All that is kept about the person who asks."""

    permission = "organization.home.view"
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        return _package(self, self.request.member)


class MemberDataView(PageView):
    """All that is kept about somebody, for who answers such questions."""

    permission = "organization.member.erase"
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return _package(self, self.subject(Member.objects.visible_to(self.actor).select_related("user"), pk=pk))


class MemberEraseView(FormPageView):
    """Erase who somebody is."""

    permission = "organization.member.erase"
    template = "organization/member_erase.html"
    submit_label = _("Erase this person")
    message = _("The person is erased. What they did stays, under a pseudonym.")

    def prepare(self, **kwargs: Any) -> None:
        members = Member.objects.visible_to(self.actor).filter(erased_at=None).select_related("user")
        self.member = visible_or_404(members, pk=kwargs["pk"])
        self.title = _("Erase %(name)s") % {"name": self.member.name}

    def form(self, data: Any = None, files: Any = None) -> Any:
        return EraseForm(data, label=_("Name"), wanted=self.member.name, version=self.member.version)

    def save(self, facts: dict[str, Any]) -> str:
        erasure.erase_person(self.actor, self.member, **facts, as_of=timezone.now())
        return reverse("organization:member-detail", args=[self.member.pk])

    def context(self) -> dict[str, Any]:
        own = reverse("organization:member-detail", args=[self.member.pk])
        return {"steps": [(_("Members"), reverse("organization:member-list")), (self.member.name, own)]}


def _line(personal: Any) -> tuple[str, str, str, str]:
    return (str(personal.what), str(personal.purpose), str(personal.kept), str(personal.fate.value))


def _package(view: PageView, member: Member) -> HttpResponse:
    """JSON for machines, a page for people, and a table of what they did, in one file."""
    kinds = data_of(member)
    entries = [(f"{at:%Y-%m-%d %H:%M:%S%z}", *words) for at, *words in entries_of(member)]
    things = responsible_for(member)
    plain = {kind.label: kind.rows for kind in kinds} | {"responsible_for": things, "activity": entries}
    shown = [(str(kind.personal.what), str(kind.personal.purpose), kind.rows) for kind in kinds if kind.rows]
    page = render_to_string("organization/person_data.html", {"member": member, "kinds": shown, "things": things})
    table = io.StringIO()
    csv.writer(table).writerows([("when", "what", "of_what", "details"), *(map(harmless, entry) for entry in entries)])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("data.json", json.dumps(plain, ensure_ascii=False, indent=1, default=str))
        package.writestr("data.html", page)
        package.writestr("activity.csv", "\ufeff" + table.getvalue())
    reads.note_download(view.actor, member, count=len(entries))
    answer = HttpResponse(file.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="person-{member.pk}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer
