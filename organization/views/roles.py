"""Pages of roles and the matrix of rights."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from ops_platform.web.addresses import address
from ops_platform.web.columns import Column
from ops_platform.web.formats import listed, named
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from organization.choices import Scope
from organization.engine.audit_chain import changes
from organization.forms.confirm import ConfirmForm
from organization.forms.roles import ChangeRoleForm, MatrixForm, RoleForm
from organization.models import Role
from organization.permissions import all_permissions
from organization.queries.roles import bearers_of, grants_by_role, grants_of
from organization.queries.roles import roles as visible_roles
from organization.services import roles
from organization.services.role_preview import preview_grants
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from organization.views.lists import ListView


def _url(role: Role) -> str:
    return address("organization:role-detail", role.pk)


class RoleListView(ListView):
    """Roles with the number of people who bear them."""

    permission = "organization.role.view"
    template = "organization/role_list.html"
    title = _("Roles")
    empty_template = "organization/_empty_roles.html"
    order = Order("first", ("pk",))
    columns = (
        Column("name", _("Role"), "display_name", kind="link", href=_url, is_wide=True),
        Column("description", _("Description"), "about", is_wide=True, folded="bare"),
        Column("bearers", _("Members"), "bearer_count", kind="number"),
        Column("origin", _("Origin"), lambda role: _("Built in") if role.key else _("Your own"), folded="end"),
    )

    def rows(self) -> TenantQuerySet:
        return visible_roles(self.actor)

    def context(self) -> dict[str, Any]:
        return {"may_create": self.actor.holds("organization.role.edit")}


class RoleMatrixView(PageView):
    """All roles beside each other: who may do what, how far."""

    permission = "organization.role.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        roles_shown = list(visible_roles(self.actor))
        grants = grants_by_role(self.actor)
        groups: dict[str, tuple[Any, list[Any]]] = {}
        for permission in all_permissions():
            cells = [grants.get(role.pk, {}).get(permission.codename) for role in roles_shown]
            lines = groups.setdefault(str(permission.group), (permission.group, []))[1]
            lines.append((permission, [Scope(scope).label if scope else "" for scope in cells]))
        context = {"roles": roles_shown, "groups": list(groups.values())}
        return render_page(request, "organization/role_matrix.html", context)


class RoleDetailView(FormPageView):
    """The matrix of one role: a scope for every right. Whoever may only see it sees it without the button."""

    permission = "organization.role.view"
    template = "organization/role_detail.html"

    def prepare(self, **kwargs: Any) -> None:
        self.role = visible_or_404(Role.objects.visible_to(self.actor), pk=kwargs["pk"])
        self.grants = grants_of(self.role)
        self.changed: list[str] = []

    def form(self, data: Any = None, files: Any = None) -> Any:
        form = MatrixForm(data, grants=self.grants, initial={"version": self.role.version})
        if not self.may_edit:
            for field in form.fields.values():
                field.disabled = True
        return form

    @property
    def may_edit(self) -> bool:
        """Whether the matrix is a form for this actor."""
        return self.actor.holds("organization.role.edit") and not self.role.is_fixed

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(**kwargs)
        form = MatrixForm(request.POST, grants=self.grants)
        if not form.is_valid():
            return self.show(form, status=422)
        return self.answer(form)

    def answer(self, form: Any) -> HttpResponse:
        """Save the rights; say which changed."""
        before = {permission.codename: self.grants.get(permission.codename) for permission in all_permissions()}
        changed = changes(before, form.rights)
        try:
            roles.set_grants(self.actor, self.role, version=form.cleaned_data["version"], grants=form.rights)
        except (roles.BeyondOwnRights, roles.BuiltInRoleFixed, roles.StateConflict) as error:
            form.add_error(None, str(error))
            return self.show(form, status=422)
        self.message = _changed_in_words(changed)
        return self.saved(_url(self.role))

    def context(self) -> dict[str, Any]:
        return {
            "role": self.role,
            "may_edit": self.may_edit,
            "may_rename": self.actor.holds("organization.role.edit") and not self.role.key,
            "may_ask_factor": self.actor.holds("organization.role.edit"),
            "bearers": list(bearers_of(self.actor, self.role)[:100]),
        }


class RolePreviewView(RoleDetailView):
    """What saving the matrix would change, for whom; nothing is saved. Its button sends the same rights to be saved."""

    permission = "organization.role.edit"

    def answer(self, form: Any) -> HttpResponse:
        try:
            found = preview_grants(self.actor, self.role, version=form.cleaned_data["version"], grants=form.rights)
        except (roles.BeyondOwnRights, roles.BuiltInRoleFixed, roles.StateConflict) as error:
            form.add_error(None, str(error))
            return self.show(form, status=422)
        context = {
            "role": self.role,
            "preview": found,
            "lines": [(line, _scope(line.old), _scope(line.new)) for line in found.changes],
            "version": form.cleaned_data["version"],
            "sent": [(codename, scope or "") for codename, scope in form.rights.items()],
            "steps": [(_("Roles"), reverse("organization:role-list")), (self.role.display_name, _url(self.role))],
        }
        return render_page(self.request, "organization/role_preview.html", context)


class RoleSecondFactorView(ActionView):
    """Ask everybody who bears the role for a second factor, or no longer."""

    permission = "organization.role.edit"

    def act(self, **kwargs: Any) -> str:
        role = self.subject(Role.objects.visible_to(self.actor), pk=kwargs["pk"])
        is_asked = self.request.POST.get("is_asked") == "1"
        roles.ask_second_factor(self.actor, role, is_asked=is_asked)
        self.message = (
            _("Who bears this role and has no second factor sets one up at their next click.")
            if is_asked
            else _("This role no longer asks for a second factor.")
        )
        return _url(role)


class RoleNewView(FormPageView):
    """A role of the organization's own."""

    permission = "organization.role.edit"
    title = _("New role")
    submit_label = _("Create the role")
    message = _("The role is created. Choose its rights.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return RoleForm(data, actor=self.actor)

    def save(self, facts: dict[str, Any]) -> str:
        return _url(roles.create_role(self.actor, self.request.organization, **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Roles"), reverse("organization:role-list"))]}


class RoleFormView(FormPageView):
    """A form about one role."""

    permission = "organization.role.edit"

    def prepare(self, **kwargs: Any) -> None:
        self.role = self.subject(Role.objects.visible_to(self.actor), pk=kwargs["pk"])

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Roles"), reverse("organization:role-list")), (self.role.display_name, _url(self.role))]}


class RoleEditView(RoleFormView):
    """What a role is called."""

    title = _("Rename role")
    submit_label = _("Save")
    message = _("The role is saved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        names = ("name", "name_zh", "description", "version")
        return ChangeRoleForm(data, actor=self.actor, initial={name: getattr(self.role, name) for name in names})

    def save(self, facts: dict[str, Any]) -> str:
        return _url(roles.rename_role(self.actor, self.role, **facts))


class RoleDeleteView(RoleFormView):
    """Removing a role that nobody bears."""

    template = "organization/confirm.html"
    title = _("Delete role")
    submit_label = _("Delete for good")
    message = _("The role is deleted.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return ConfirmForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        roles.delete_role(self.actor, self.role)
        return reverse("organization:role-list")


def _changed_in_words(changed: dict[str, list[Any]]) -> str:
    """ "2 rights changed: See KPIs: No → Own; ..." """
    if not changed:
        return str(_("Nothing has changed."))
    labels = {permission.codename: permission.label for permission in all_permissions()}
    lines = (named(str(labels[codename]), f"{_scope(old)} → {_scope(new)}") for codename, (old, new) in changed.items())
    words = listed(lines, are_clauses=True)
    sentence = ngettext("%(count)d right changed: %(words)s", "%(count)d rights changed: %(words)s", len(changed))
    return sentence % {"count": len(changed), "words": words}


def _scope(scope: str | None) -> str:
    return str(Scope(scope).label if scope else pgettext("right", "No"))
