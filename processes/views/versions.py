"""Pages of a version: its text, beside another one, and its way from review into force."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from ops_platform.web.htmx import render_page
from organization.access import Actor, can
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from processes.choices import ChangeClass, VersionState
from processes.engine.content import Procedure, read_content
from processes.engine.markdown import as_markdown
from processes.forms.sops import ApproveForm, CommentForm, DayForm, SendBackForm, SubmitForm
from processes.models import SopVersion, VersionComment
from processes.queries.authoring import who_choices, who_names
from processes.queries.compare import compared
from processes.queries.pictures import instruction_html
from processes.queries.reading import comments_of, read_sections, timeline
from processes.queries.words import in_language
from processes.services import versions
from processes.views.sops import list_step, version_status, version_url

REVIEW, APPROVE, PUBLISH = "processes.sop.review", "processes.sop.approve", "processes.sop.publish"


def rows_of(actor: Actor) -> TenantQuerySet:
    """Versions that the actor sees, with what their pages name."""
    named = ("sop__department", "sop__owner", "made_by", "submitted_by", "approved_by")
    return SopVersion.objects.visible_to(actor).select_related(*named)


def trail(version: SopVersion, *more: tuple[Any, str]) -> list[tuple[Any, str]]:
    """The way to a page of a version."""
    return [list_step(), (version.sop.display_name, version.sop.get_absolute_url()), *more]


def names_in(actor: Actor, procedure: Procedure) -> dict[str, str]:
    """Who is meant by each reference of a text."""
    return who_names(who_choices(actor, procedure))


class VersionDetailView(PageView):
    """The text of a version, what happened to it, and what reviewers say."""

    permission = "processes.sop.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = visible_or_404(rows_of(self.actor), pk=pk)
        procedure = read_content(version.content)
        comments = comments_of(version)
        is_review = version.state == VersionState.IN_REVIEW
        context = {
            "version": version,
            "state": version_status(version),
            "intro": instruction_html(version.sop_id, in_language(procedure.intro, procedure.intro_zh)),
            "sections": read_sections(version.sop_id, procedure, names_in(self.actor, procedure), comments),
            "comments": [one for one in comments if not one.step_key],
            "unresolved": sum(1 for one in comments if one.resolved_at is None),
            "timeline": timeline(version),
            "others": SopVersion.objects.filter(sop=version.sop).exclude(pk=version.pk).exists(),
            "may_edit": version.state == VersionState.DRAFT and bool(can(self.actor, "processes.sop.edit", version)),
            "may_comment": version.state in ("draft", "in_review") and bool(can(self.actor, REVIEW, version)),
            "may_approve": is_review and bool(can(self.actor, APPROVE, version)),
            "may_publish": version.state == VersionState.APPROVED and bool(can(self.actor, PUBLISH, version)),
            "steps": trail(version),
        }
        return render_page(request, "processes/version_detail.html", context)


class CompareView(PageView):
    """Two versions of a SOP side by side; `?with=` names the older one, else it is the one in force or the one before."""

    permission = "processes.sop.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = visible_or_404(rows_of(self.actor), pk=pk)
        others = list(rows_of(self.actor).filter(sop=version.sop).exclude(pk=pk).order_by("-number"))
        asked = request.GET.get("with", "")
        chosen = next((one for one in others if str(one.pk) == asked), None)
        earlier = [one for one in others if one.number < version.number]
        other = chosen or next(iter(earlier), None) or next(iter(others), None)
        rows = []
        if other is not None:
            before, after = read_content(other.content), read_content(version.content)
            rows = compared(before, after, names_in(self.actor, after))
        context = {
            "version": version,
            "other": other,
            "others": others,
            "rows": rows,
            "steps": trail(version, (f"v{version.number}", version_url(version))),
        }
        return render_page(request, "processes/version_compare.html", context)


class MarkdownView(PageView):
    """The text as a Markdown file, in the reader's language."""

    permission = "processes.sop.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = visible_or_404(rows_of(self.actor), pk=pk)
        is_chinese = (get_language() or "").startswith("zh")
        text = as_markdown(read_content(version.content), version.sop.display_name, is_chinese=is_chinese)
        name = slugify(version.sop.name) or version.sop.reference.lower()
        answer = HttpResponse(text, content_type="text/markdown; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}-v{version.number}.md"'
        return answer


class VersionFormView(FormPageView):
    """A form about one version."""

    version: SopVersion

    def prepare(self, **kwargs: Any) -> None:
        self.version = self.subject(rows_of(self.actor), pk=kwargs["pk"])

    def context(self) -> dict[str, Any]:
        return {"steps": trail(self.version, (f"v{self.version.number}", version_url(self.version)))}


class SubmitView(VersionFormView):
    """A draft to its reviewer."""

    permission = "processes.sop.edit"
    title = _("Submit for review")
    submit_label = _("Submit")
    message = _("The reviewer is asked to look at it.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        head = self.version.sop.department.head_id if self.version.sop.department else None
        stands = {
            "reason": self.version.change_reason,
            "change_class": self.version.change_class if self.version.number > 1 else ChangeClass.MAJOR,
            "effective_on": self.version.effective_on,
            "reviewer": head if head != self.actor.member_id else None,
        }
        return SubmitForm(data, actor=self.actor, initial=stands)

    def save(self, facts: dict[str, Any]) -> str:
        return version_url(versions.submit_for_review(self.actor, self.version, **facts))


class ApproveView(VersionFormView):
    """A version approved: the kind of change confirmed, and the day."""

    permission = APPROVE
    title = _("Approve the version")
    submit_label = _("Approve")
    message = _("The version is approved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return ApproveForm(data, initial={"effective_on": self.version.effective_on})

    def save(self, facts: dict[str, Any]) -> str:
        return version_url(versions.approve_version(self.actor, self.version, **facts))


class SendBackView(VersionFormView):
    """A version back to its authors."""

    permission = APPROVE
    title = _("Send back")
    submit_label = _("Send back")
    message = _("The authors are told what has to change.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return SendBackForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        return version_url(versions.send_back(self.actor, self.version, **facts))


class ScheduleView(VersionFormView):
    """Another day for an approved version."""

    permission = PUBLISH
    title = _("Change the day")
    submit_label = _("Save")
    message = _("The day is changed.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return DayForm(data, initial={"effective_on": self.version.effective_on})

    def save(self, facts: dict[str, Any]) -> str:
        return version_url(versions.schedule_effective(self.actor, self.version, **facts))


class EffectiveView(ActionView):
    """An approved version in force now."""

    permission = PUBLISH
    message = _("The version is in force.")

    def act(self, **kwargs: Any) -> str:
        return version_url(versions.make_effective(self.actor, self.subject(rows_of(self.actor), pk=kwargs["pk"])))

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("processes:version-detail", args=[kwargs["pk"]])


class CommentAddView(VersionFormView):
    """A comment on a step or on the whole; one that cannot be kept comes back with its text."""

    permission = REVIEW
    title = _("Comment")
    submit_label = _("Comment")
    message = _("Your comment stands at the step.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return CommentForm(data, initial={"step_key": self.request.GET.get("step", "")})

    def save(self, facts: dict[str, Any]) -> str:
        versions.comment_on_step(self.actor, self.version, **facts)
        place = f"#step-{facts['step_key']}" if facts["step_key"] else "#comments"
        return version_url(self.version) + place


class CommentResolveView(PageView):
    """A comment that is dealt with."""

    permission = REVIEW
    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = VersionComment.objects.visible_to(self.actor).select_related("sop_version__sop")
        comment = self.subject(found, pk=pk)
        versions.resolve_comment(self.actor, comment)
        messages.success(request, gettext("The comment is resolved."))
        place = f"#step-{comment.step_key}" if comment.step_key else "#comments"
        return redirect(version_url(comment.sop_version) + place)
