"""Inviting people, and what an invited person enters."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import lazy
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from organization.choices import InvitationState, Language
from organization.forms.base import NOTHING_CHOSEN, ActorForm, DepartmentField, FilterForm, PositionField, field_of
from organization.models import Role, User

MOST_AT_ONCE = 50
BETWEEN = re.compile(r"[\s,;，；、]+")
IN_BRACKETS = re.compile(r"<([^<>]+)>")


def _password_help() -> str:
    count = settings.PASSWORD_MIN_LENGTH
    sentence = ngettext(
        "At least %(count)d character. A few words in a row are good.",
        "At least %(count)d characters. A few words in a row are good.",
        count,
    )
    return sentence % {"count": count}


class InvitationFilters(FilterForm):
    """How the list of invitations is narrowed."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            ("live", pgettext_lazy("invitation", "Open")),
            (InvitationState.ACCEPTED, InvitationState.ACCEPTED.label),
            ("closed", pgettext_lazy("invitation", "Revoked or expired")),
        ],
    )


class InviteForm(ActorForm):
    """Whom to invite, and what they get when they join."""

    emails = forms.CharField(
        label=_("E-mail addresses"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Several at once: one on each line, or with commas between."),
    )
    role = forms.ModelChoiceField(
        label=_("Role"),
        queryset=Role.objects.none(),
        required=False,
        empty_label=NOTHING_CHOSEN,
        help_text=_("What they may do from the first minute. Without one they see nothing yet."),
    )
    department = DepartmentField(label=_("Department"), required=False)
    position = PositionField(label=_("Position"), required=False)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=Language.choices)

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor, "organization.member.edit")
        field_of(self, "position").offer(self.actor)
        self.fields["language"].initial = "zh-hans" if (get_language() or "").startswith("zh") else "en"
        if self.actor.holds("organization.role.edit"):
            field_of(self, "role").queryset = Role.objects.order_by("pk")
        else:
            self.fields["role"].disabled = True

    def clean_emails(self) -> list[str]:
        text = self.cleaned_data["emails"]
        found = IN_BRACKETS.findall(text) or [part for part in BETWEEN.split(text) if part]
        wrong = [part for part in found if not _is_address(part)]
        if wrong:
            raise ValidationError(_("No e-mail address: %(texts)s") % {"texts": ", ".join(wrong[:5])})
        if len(found) > MOST_AT_ONCE:
            sentence = ngettext(
                "At most %(count)d address at once.", "At most %(count)d addresses at once.", MOST_AT_ONCE
            )
            raise ValidationError(sentence % {"count": MOST_AT_ONCE})
        return found


class JoinForm(forms.Form):
    """How a person with an account wants to be called here."""

    name = forms.CharField(
        label=pgettext_lazy("person", "Name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )


class NewPersonForm(JoinForm):
    """A new person: a name, and a password unless the browser has made a passkey."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=lazy(_password_help, str)(),
    )
    credential = forms.JSONField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        self.email = email
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if facts.get("credential"):
            return facts | {"password": None}
        if not facts.get("password"):
            self.add_error("password", _("Choose a password, or join with a passkey."))
            return facts
        try:
            validate_password(facts["password"], User(email=self.email, name=facts.get("name", "")))
        except ValidationError as error:
            self.add_error("password", error)
        return facts


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254
