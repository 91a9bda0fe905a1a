"""Changing rows where they stand: a cell of the list, or many rows at once. All of it goes through the services."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organization.access import Actor
from organization.errors import DomainError, StateConflict
from organization.models import BulkRun
from organization.queries.bulk_runs import bulk_runs
from organization.undo import reverses, undo_url

UNDO = "list.changed"
ASKED = "changes-asked"  # in the session: the name of a list -> the large change that was asked for last


@dataclass(frozen=True)
class Switch:
    """A value that a bulk action sets without asking for it."""

    value: Any
    label: Any
    icon: str


@dataclass(frozen=True)
class Editable:
    """A field that people change in the list, under the column of the same key.

    field: what the rows and the service call it. offer: the form field with what the actor may choose. change: the use
    case, called with (actor, row, version=, <field>=). switches: what many rows are set to instead of a chosen value.
    """

    column: str
    field: str
    label: Any
    permission: str
    offer: Callable[[Actor], forms.Field]
    change: Callable[..., Any]
    switches: tuple[Switch, ...] = ()
    icon: str = "edit"


@dataclass(frozen=True)
class BulkAct:
    """What is done with many rows, each by one use case: `apply(actor, row, facts)`. form(actor, data) asks for facts."""

    key: str
    label: Any
    icon: str
    permission: str
    apply: Callable[[Actor, Any, dict[str, Any]], Any]
    form: Callable[[Actor, Any], forms.Form] | None = None
    is_danger: bool = False
    editable: Editable | None = None


@dataclass(frozen=True)
class Refusal:
    """A row that stayed as it was, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What became of many rows. undo: where the whole is taken back, empty where it cannot be."""

    done: int
    refused: list[Refusal]
    undo: str = ""


class CellForm(forms.Form):
    """One field of one row, as it stood when the form was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, editable: Editable, actor: Actor, row: Any, data: Any = None) -> None:
        super().__init__(
            data, initial={"version": row.version, "value": getattr(row, editable.field)}, auto_id="cell-%s"
        )
        self.fields["value"] = field = editable.offer(actor)
        field.label = editable.label
        field.widget.attrs |= {"aria-label": str(editable.label), "data-focus": True}


def acts_of(editables: Iterable[Editable], more: Iterable[BulkAct], actor: Actor) -> list[BulkAct]:
    """The bulk actions that the actor may take: those of the editable fields, then the others."""
    found = [act for editable in editables for act in _editable_acts(editable)]
    return [act for act in (*found, *more) if actor.holds(act.permission)]


def apply_to_all(actor: Actor, act: BulkAct, rows: Sequence[Any], facts: dict[str, Any], list_name: str) -> Outcome:
    """Do it row by row, each in its own savepoint: what a rule refuses stays, and is told with the reason."""
    refused, before = [], []
    for row in rows:
        old = plain(getattr(row, act.editable.field)) if act.editable else None
        try:
            changed = act.apply(actor, row, facts)
        except DomainError as error:
            refused.append(Refusal(str(row), str(error)))
        else:
            before.append([row.pk, getattr(changed, "version", 0), old])
    undo = ""
    if act.editable and before:
        undo = undo_url(actor, UNDO, list=list_name, field=act.editable.field, rows=before)
    return Outcome(len(before), refused, undo)


def change_cell(actor: Actor, editable: Editable, row: Any, version: int, value: Any, list_name: str) -> str:
    """Change one field of one row; where to take it back. Raises StateConflict and whatever the service refuses."""
    old = plain(getattr(row, editable.field))
    changed = editable.change(actor, row, version=version, **{editable.field: value})
    return undo_url(actor, UNDO, list=list_name, field=editable.field, rows=[[row.pk, changed.version, old]])


def remember_run(session: SessionBase, run: BulkRun) -> None:
    """Its list tells of a large change until it is over."""
    session[ASKED] = {**session.get(ASKED, {}), run.list_name: run.pk}


def running(session: SessionBase, actor: Actor, list_name: str) -> BulkRun | None:
    """The large change of the list that is not over; only who asked for one pays a statement."""
    asked = session.get(ASKED, {})
    if list_name not in asked:
        return None
    run: BulkRun | None = bulk_runs(actor).defer("row_ids", "refusals").filter(pk=asked[list_name]).first()
    if run is not None and run.is_open:
        return run
    session[ASKED] = {name: pk for name, pk in asked.items() if name != list_name}
    return None


def plain(value: Any) -> Any:
    """A value as the note of an undo keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "pk", value)


def list_view(list_name: str) -> Any:
    """The view class behind the name of a list's address; KeyError for a name of none."""
    try:
        found = getattr(resolve(reverse(list_name)).func, "view_class", None)
    except Exception as error:
        raise KeyError(list_name) from error
    if not hasattr(found, "editables"):
        raise KeyError(list_name)
    return found


@reverses(UNDO)
def _change_back(actor: Actor, facts: dict[str, Any]) -> None:
    """Set each row back, unless somebody changed it since; then all stays and the person is told."""
    view = list_view(facts["list"])
    [editable] = [one for one in view.editables if one.field == facts["field"]]
    for pk, version, old in facts["rows"]:
        row = view.one_row(actor, pk)
        try:
            value = editable.offer(actor).clean(old)
        except ValidationError as error:
            raise StateConflict from error
        editable.change(actor, row, version=version, **{editable.field: value})


def _editable_acts(editable: Editable) -> list[BulkAct]:
    def setting(value: Any) -> Callable[[Actor, Any, dict[str, Any]], Any]:
        return lambda actor, row, facts: editable.change(
            actor, row, version=row.version, **{editable.field: facts.get("value", value)}
        )

    if editable.switches:
        return [
            BulkAct(
                f"{editable.field}-{number}",
                switch.label,
                switch.icon,
                editable.permission,
                setting(switch.value),
                editable=editable,
            )
            for number, switch in enumerate(editable.switches)
        ]
    label = _("Change: %(what)s") % {"what": editable.label}
    return [
        BulkAct(
            editable.field,
            label,
            editable.icon,
            editable.permission,
            setting(None),
            form=lambda actor, data: _ValueForm(editable, actor, data),
            editable=editable,
        )
    ]


class _ValueForm(forms.Form):
    """The value that many rows get."""

    def __init__(self, editable: Editable, actor: Actor, data: Any = None) -> None:
        super().__init__(data)
        self.fields["value"] = field = editable.offer(actor)
        field.label = editable.label


def outcome_words(outcome: Outcome) -> str:
    """What happened, in one sentence."""
    return ngettext("%(count)d row is changed.", "%(count)d rows are changed.", outcome.done) % {"count": outcome.done}
