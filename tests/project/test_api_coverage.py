"""Whatever a page can do, a machine can do: every use case has a call of the API, or a reason why it has none."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from django.conf import settings

from organization.api.lists import ListApiView
from organization.views.lists import ListView
from tests.project.test_services import APPS, SERVICES

# Use cases without a call, each with its reason.
NO_API = {
    "metrics.services.entry_plans.plan_entry": "part of `create_entered_kpi`, which has its call",
    "metrics.services.imports.reread_file": "the plan that a call settles says how the file is read",
    "metrics.services.panels.resize_panel": "a drag on the page; the call that changes a panel names its width",
    "metrics.services.panels.shift_panel": "the arrow keys of the page; the call that moves a panel names its place",
    "metrics.services.previews.preview_definition": "draws the chart beside the form of a KPI and keeps nothing",
    "organization.services.bulk_runs.start_bulk": "a choice among the rows of a page; by call each row is changed by itself",
    "organization.services.closing.close_organization": "the owner closes an organization in person, with all it says",
    "organization.services.closing.reopen_organization": "a closed organization answers no calls",
    "organization.services.data_exports.note_export": "notes that a command of the server wrote the archive",
    "organization.services.joining.join": "the person who holds the link joins, who is no caller yet",
    "organization.services.joining.join_as_new": "the person who holds the link joins, who is no caller yet",
    "organization.services.notice_choices.end_mails": "the link in a mail; by call the channels are chosen",
    "organization.services.organizations.close_onboarding": "puts a card of the home page away",
    "organization.services.sessions.reset_second_factor": "an administrator makes sure in person who asks for it",
}

# Procedures have neither forms nor calls yet: both are built on these use cases
NO_API |= dict.fromkeys(
    (
        *(f"processes.services.andon.{name}" for name in ("answer_call", "call_for_help", "resolve_call")),
        "processes.services.approvals.vote_on_step",
        *(f"processes.services.plans.{name}" for name in ("make_plan", "switch_plan")),
        *(
            f"processes.services.runs.{name}"
            for name in ("add_row", "cancel_run", "set_due", "set_run_due", "start_run")
        ),
        *(
            f"processes.services.sops.{name}"
            for name in (
                "change_sop",
                "describe_change",
                "duplicate_sop",
                "edit_draft",
                "edit_step",
                "make_sop",
                "retire_sop",
                "start_draft",
            )
        ),
        "processes.services.filling.fill_step",
        *(
            f"processes.services.steps.{name}"
            for name in (
                "answer_field",
                "claim_step",
                "explain_failure",
                "finish_step",
                "hand_over",
                "reassign_run",
                "reassign_step",
                "release_step",
                "skip_step",
                "start_step",
            )
        ),
        *(
            f"processes.services.versions.{name}"
            for name in (
                "approve_version",
                "comment_on_step",
                "make_effective",
                "resolve_comment",
                "schedule_effective",
                "send_back",
                "submit_for_review",
            )
        ),
    ),
    "procedures have no calls yet",
)

NO_API |= dict.fromkeys(
    (f"processes.services.beginning.{name}" for name in ("begin_sop", "start_from_template")),
    "procedures have no calls yet",
)

# The editor writes one part at a time; by call the whole text of a draft is replaced
NO_API |= dict.fromkeys(
    (
        f"processes.services.drafting.{name}"
        for name in (
            "add_part",
            "change_frame",
            "change_part",
            "duplicate_part",
            "move_part",
            "remove_part",
            "restore_part",
            "shift_part",
        )
    ),
    "one act in the editor; by call a draft is sent as a whole",
)

# Lists of pages whose rows have no call with the same filters, each with its reason.
NO_LIST = {
    "organization.views.bulk_runs.BulkRunListView": "what was started on the rows of a page, which calls do not do",
    "processes.views.runs.RunListView": "procedures have no calls yet",
    "processes.views.sops.SopListView": "procedures have no calls yet",
}


def _modules() -> Iterator[ModuleType]:
    for app in APPS:
        if importlib.util.find_spec(f"{app}.api") is None:
            continue
        package = importlib.import_module(f"{app}.api")
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def _named(module: ModuleType) -> Iterator[Any]:
    """What the module's code names: `name` and `module.name`."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Name):
            yield getattr(module, node.id, None)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield getattr(getattr(module, node.value.id, None), node.attr, None)


def test_m5_every_use_case_has_a_call_or_a_reason_why_it_has_none() -> None:
    called = {id(thing) for module in _modules() for thing in _named(module)}
    use_cases = {name: service for name, service in SERVICES.items() if hasattr(service, "permission")}

    without = {name for name, service in use_cases.items() if id(service) not in called}

    assert sorted(without) == sorted(NO_API)


def test_m5_every_list_of_pages_has_a_call_with_its_filters_or_a_reason() -> None:
    importlib.import_module(settings.ROOT_URLCONF)  # by which every list is known
    pages = {page for page in _subclasses(ListView) if page.__module__.partition(".")[0] in APPS}
    shared = {view.page for view in _subclasses(ListApiView)}

    assert {f"{page.__module__}.{page.__name__}" for page in pages - shared} == set(NO_LIST)


def _subclasses(kind: type[Any]) -> set[type[Any]]:
    below = set(kind.__subclasses__())
    return below.union(*(_subclasses(one) for one in below))
