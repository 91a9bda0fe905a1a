"""The editor of a draft: its outline, and a form for each part."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops_platform.web.htmx import announce, is_swap, render_page
from organization.access import Actor
from organization.errors import DomainError, NotAllowed, NotVisible, StateConflict
from organization.tenancy import TenantQuerySet
from organization.views.base import PageView, visible_or_404
from processes.choices import VersionState
from processes.engine import editing
from processes.engine.content import BadContent, Procedure, read_content
from processes.engine.editing import Gone, Json, Removed
from processes.errors import BadProcedure
from processes.forms.fields import FieldForm
from processes.forms.parts import FrameForm, PartForm, SectionForm
from processes.forms.steps import StepForm
from processes.models import SopVersion
from processes.queries.authoring import who_choices, who_names
from processes.queries.compare import Change, changes_between, properties
from processes.queries.outline import outline_of
from processes.queries.pictures import pictures_of
from processes.queries.words import condition_words, part_name, problem_words
from processes.services import drafting
from processes.services.drafting import PartGone

EDIT = "processes.sop.edit"
BIN = "processes_removed"
MOST_KEPT = 10
FORMS: dict[str, type[PartForm]] = {"section": SectionForm, "step": StepForm, "field": FieldForm}
CHILDREN = {"section": "steps", "step": "fields", "field": ""}
NEW_NAMES = {"section": "title", "step": "title", "field": "label"}


def drafts(actor: Actor) -> TenantQuerySet:
    """Versions that the actor may see, with what their pages name."""
    return SopVersion.objects.visible_to(actor).select_related("sop__department")


def edit_url(version: SopVersion, key: str = "") -> str:
    """The outline of a draft, at a part."""
    return reverse("processes:version-edit", args=[version.pk]) + (f"#part-{key}" if key else "")


def part_url(version: SopVersion, key: str) -> str:
    """The form of a part."""
    return reverse("processes:part-edit", args=[version.pk, key])


def refusal(error: DomainError, content: Mapping[str, Any]) -> str:
    """An expected failure in words; what is wrong with a text names the step and the field."""
    if isinstance(error, BadProcedure) and error.problems:
        return " ".join(problem_words(problem, content) for problem in error.problems[:3])
    return str(error)


class DraftView(PageView):
    """A page about a draft that the actor may write on; any other version is shown for reading.

    last: the key of the section that was written in, where the next step is expected.
    """

    permission = EDIT

    last = ""

    def load(self, pk: int) -> HttpResponse | None:
        """Find the draft; where it is none any more, the way to where it can be read."""
        self.version: SopVersion = self.subject(drafts(self.actor), pk=pk)
        if self.version.state == VersionState.DRAFT:
            return None
        messages.info(self.request, gettext("This version is no draft any more, so nobody can change it."))
        return redirect(self.version.get_absolute_url())

    @property
    def procedure(self) -> Procedure:
        """The text of the draft as it stands."""
        return read_content(self.version.content)

    def trail(self, *more: tuple[Any, str]) -> list[tuple[Any, str]]:
        """The way here."""
        sop = self.version.sop
        return [(_("SOPs"), reverse("processes:sop-list")), (sop.display_name, sop.get_absolute_url()), *more]

    def show_outline(self, *, says: str = "", level: Any = "good", undo: str = "", status: int = 200) -> HttpResponse:
        """The outline as it stands now, whoever else writes on it."""
        self.version = visible_or_404(drafts(self.actor), pk=self.version.pk)
        context = {
            "version": self.version,
            "outline": outline_of(self.procedure),
            "steps": self.trail(),
            "last": self.last,
        }
        answer = render_page(self.request, "processes/version_edit.html", context, fragment="outline", status=status)
        return announce(answer, says, level=level, undo_url=undo) if says else answer


class EditorView(DraftView):
    """The outline of a draft."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.load(pk) or self.show_outline()


class OutlineActView(DraftView):
    """One act on the outline. A script gets the outline, a plain form goes back to it."""

    http_method_names = ["post", "options"]  # Django's own declaration
    key = ""

    def act(self, **kwargs: Any) -> tuple[str, str]:
        """Call the service; what to say, and where it is taken back."""
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        if elsewhere := self.load(pk):
            return elsewhere
        says, undo, level = "", "", "good"
        try:
            says, undo = self.act(**kwargs)
        except (NotVisible, NotAllowed):
            raise
        except DomainError as error:
            says, level = refusal(error, self.version.content), "bad"
        if is_swap(request):
            return self.show_outline(says=says, level=level, undo=undo)
        if says:
            (messages.error if level == "bad" else messages.success)(request, says, extra_tags=undo)
        step = request.GET.get("back", "")
        known = step and editing.path_of(self.version.content, step)
        return redirect(f"{part_url(self.version, step)}#fields" if known else edit_url(self.version, self.key))


class PartAddView(OutlineActView):
    """A further section, step or field: its name is enough to begin with."""

    def act(self, **kwargs: Any) -> tuple[str, str]:
        sent = self.request.POST
        kind = sent.get("kind", "")
        if kind not in NEW_NAMES:
            raise NotVisible
        name = sent.get("name", "").strip()
        if not name:
            raise BadProcedure(_("Write a name first."))
        part: Json = {NEW_NAMES[kind]: name} | ({"kind": "checkbox"} if kind == "field" else {})
        parent, after = sent.get("parent", ""), sent.get("after", "")
        with transaction.atomic():  # a step that cannot be added leaves no section behind that was made for it
            if kind == "step" and not parent:
                parent = drafting.add_part(self.actor, self.version, kind="section", part={"title": gettext("Steps")})
            self.key = drafting.add_part(self.actor, self.version, kind=kind, part=part, parent=parent, after=after)
        self.last = self.key if kind == "section" else parent
        return "", ""

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        answer = super().post(request, pk, **kwargs)
        if request.POST.get("kind") == "field" and self.key and not is_swap(request):
            return redirect(part_url(self.version, self.key))
        return answer


class PartShiftView(OutlineActView):
    """A part one place up or down."""

    def act(self, **kwargs: Any) -> tuple[str, str]:
        self.key = kwargs["key"]
        drafting.shift_part(self.actor, self.version, key=self.key, by=kwargs["by"])
        return "", ""


class PartMoveView(OutlineActView):
    """A part to where it was dropped."""

    def act(self, **kwargs: Any) -> tuple[str, str]:
        self.key, sent = kwargs["key"], self.request.POST
        drafting.move_part(
            self.actor, self.version, key=self.key, parent=sent.get("parent", ""), after=sent.get("after", "")
        )
        return "", ""


class PartDuplicateView(OutlineActView):
    """A copy of a part behind it."""

    def act(self, **kwargs: Any) -> tuple[str, str]:
        self.key = drafting.duplicate_part(self.actor, self.version, key=kwargs["key"])
        return gettext("A copy stands behind it."), ""


class PartRemoveView(OutlineActView):
    """A part out of the text; the way back is offered at once."""

    def act(self, **kwargs: Any) -> tuple[str, str]:
        removed = drafting.remove_part(self.actor, self.version, key=kwargs["key"])
        token = secrets.token_hex(6)
        facts = {"kind": removed.kind, "part": removed.part, "parent": removed.parent, "after": removed.after}
        kept = [*self.request.session.get(BIN, {}).items(), (token, facts)][-MOST_KEPT:]
        self.request.session[BIN] = dict(kept)
        self.key = removed.after or removed.parent
        name = removed.part.get("title") or removed.part.get("label", "")
        says = gettext("“%(name)s” is deleted.") % {"name": name}
        return says, reverse("processes:part-restore", args=[self.version.pk, token])


class PartRestoreView(OutlineActView):
    """A part that was deleted back to where it stood."""

    def act(self, **kwargs: Any) -> tuple[str, str]:
        facts = self.request.session.get(BIN, {}).get(kwargs["token"])
        if facts is None:
            raise NotVisible
        removed = Removed(**facts)
        drafting.restore_part(self.actor, self.version, removed=removed)
        self.key = removed.part["key"]
        return "", ""


class PartFormView(DraftView):
    """The form of one part. What somebody else saved meanwhile is shown beside what was typed; saving again decides."""

    template = "processes/part_edit.html"
    message: ClassVar[Any] = _("Saved.")

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        return self.load(pk) or self.find(**kwargs) or self.show(self.form())

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        if elsewhere := (self.load(pk) or self.find(**kwargs)):
            return elsewhere
        if request.POST.get("act", "save").partition(":")[0] in ("refresh", "add", "group", "more"):
            return self.show(self.form(told=request.POST))
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        made = form.made()
        try:
            self.save(made, request.POST.get("seen", ""))
        except (NotVisible, NotAllowed):
            raise
        except PartGone as error:
            form.add_error(None, str(error))
        except StateConflict as error:
            return self.show_both(form, made, error)
        except BadProcedure as error:
            self.show_problems(form, made, error)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(self.message))
            return redirect(self.next_url())
        return self.show(form, status=422)

    def find(self, **kwargs: Any) -> HttpResponse | None:
        """The part that the address names; where it has gone, the outline."""
        try:
            self.kind, part, siblings, self.parent = editing.found(self.version.content, kwargs["key"])
        except Gone:
            messages.error(self.request, str(PartGone.message))
            return redirect(edit_url(self.version))
        self.part = {name: value for name, value in part.items() if name != self.below}
        self.children: list[Json] = part.get(self.below, [])
        keys = [one["key"] for one in siblings]
        place = keys.index(part["key"])
        self.following = keys[place + 1] if place + 1 < len(keys) else ""
        return None

    @property
    def below(self) -> str:
        """The property that holds the parts below this one, which have forms of their own."""
        return CHILDREN[self.kind]

    def form(self, data: Any = None, told: Any = None) -> PartForm:
        """The form of the part."""
        return FORMS[self.kind](data, actor=self.actor, part=self.part, procedure=self.procedure, told=told)

    def save(self, made: Json, seen: str) -> None:
        """Call the service."""
        drafting.change_part(self.actor, self.version, part=made, seen=seen, without=self.below)

    def next_url(self) -> str:
        """Where one goes on."""
        if self.request.POST.get("act") == "save:next" and self.following:
            return part_url(self.version, self.following)
        return part_url(self.version, self.parent) if self.kind == "field" else edit_url(self.version, self.part["key"])

    def with_mine(self, made: Json) -> Json:
        """The whole text with the part as it was sent."""
        return editing.put(
            self.version.content, made["key"], {**made, self.below: self.children} if self.below else made
        )

    def show_problems(self, form: PartForm, made: Json, error: BadProcedure) -> None:
        """Each problem at its field, or on top with the step and field that it is in."""
        content = self.with_mine(made)
        own = editing.path_of(content, self.part["key"]) if self.kind != "procedure" else ""
        for problem in error.problems:
            path = problem.place.removeprefix(own).lstrip(".") if problem.place.startswith(own) else ""
            place = form.place_of(path) if path and not path.startswith(f"{self.below}[") else None
            says = gettext(problem.message) % problem.params
            form.add_error(place, says if place else problem_words(problem, content))
        if not error.problems:
            form.add_error(None, str(error))

    def show_both(self, form: PartForm, made: Json, error: StateConflict) -> HttpResponse:
        """What was typed beside what stands now."""
        self.version = visible_or_404(drafts(self.actor), pk=self.version.pk)
        if elsewhere := self.find(**self.kwargs):
            return elsewhere
        form.add_error(None, str(error))
        names = self.names
        theirs = properties(self.procedure, self.kind, self.part.get("key", ""), names)
        try:
            mine = properties(read_content(self.with_mine(made)), self.kind, self.part.get("key", ""), names)
        except BadContent:
            mine = {name: str(value) for name, value in made.items() if isinstance(value, str | int)}
        return self.show(form, status=422, torn=changes_between(theirs, mine))

    @property
    def names(self) -> dict[str, str]:
        """Who is meant by each reference."""
        return who_names(who_choices(self.actor, self.procedure))

    def show(self, form: PartForm, status: int = 200, torn: list[Change] | None = None) -> HttpResponse:
        """The page with the form."""
        outline = (_("Outline"), edit_url(self.version, self.part.get("key", "")))
        above: list[tuple[Any, str]] = []
        if self.kind == "field":
            _kind, step, _siblings, _parent = editing.found(self.version.content, self.parent)
            above = [(part_name(step), part_url(self.version, step["key"]))]
        words = ""
        if (shown := getattr(form, "shown", None)) is not None and shown.tree:
            tree = getattr(self.procedure_part(), "condition", None)
            words = condition_words(tree, self.procedure)
        context = {
            "version": self.version,
            "kind": self.kind,
            "part": self.part,
            "children": outline_fields(self.procedure, self.part.get("key", "")) if self.kind == "step" else [],
            "pictures": pictures_of(self.version.sop) if self.kind == "step" else [],
            "following": self.following,
            "form": form,
            "seen": editing.stamp(self.part),
            "torn": torn or [],
            "condition_words": words,
            "steps": self.trail(outline, *above),
            "back_url": (above or [outline])[-1][1],
            "page_title": part_name(self.part) or gettext("Introduction and rules"),
        }
        return render_page(self.request, self.template, context, status=status)

    def procedure_part(self) -> Any:
        """The part as the engine reads it, None for the whole."""
        parts: list[Any] = list(self.procedure.sections)
        for _section, step in self.procedure.steps():
            parts += [step, *step.fields]
        return next((one for one in parts if one.key == self.part.get("key")), None)


class FrameFormView(PartFormView):
    """What holds for the whole text: introduction, order, score and due time."""

    def find(self, **kwargs: Any) -> HttpResponse | None:
        self.kind, self.parent, self.following = "procedure", "", ""
        self.part = {name: value for name, value in self.version.content.items() if name != "sections"}
        self.children = self.version.content.get("sections", [])
        return None

    @property
    def below(self) -> str:
        return "sections"

    def form(self, data: Any = None, told: Any = None) -> PartForm:
        return FrameForm(data, actor=self.actor, part=self.part, procedure=self.procedure, told=told)

    def save(self, made: Json, seen: str) -> None:
        drafting.change_frame(self.actor, self.version, frame=made, seen=seen)

    def next_url(self) -> str:
        return edit_url(self.version)

    def with_mine(self, made: Json) -> Json:
        return {**made, "sections": self.children}


def outline_fields(procedure: Procedure, key: str) -> list[Any]:
    """The fields of a step for its page."""
    return next((one.fields for one in outline_of(procedure).all_steps if one.key == key), [])
