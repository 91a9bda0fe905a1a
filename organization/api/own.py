"""What is the caller's own: who they are, what they want to hear, where they are signed in."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from organization.api.problems import BadBody, Outdated
from organization.api.schema import Operation
from organization.api.views import ApiView
from organization.choices import ActorKind, Scope
from organization.errors import NotAllowed, NotVisible, StateConflict
from organization.forms.preferences import PreferencesForm
from organization.models import Member, NoticePreference
from organization.notice_kinds import all_kinds
from organization.queries.kinds import visible_object
from organization.queries.sign_ins import sign_ins_of
from organization.serializers.own import (
    ChoicesShape,
    MeShape,
    NoticeKindsShape,
    PreferencesShape,
    SentChoices,
    SentDefaults,
    SentMuted,
    SentWatch,
    SignInsShape,
    WatchShape,
    unknown_kinds,
)
from organization.services import notice_choices, sessions
from organization.services.people import change_preferences

HOME, SETTINGS = "organization.home.view", "organization.settings.edit"
TAG = "own"


class MeApi(ApiView):
    permission = HOME
    tag = TAG
    operations = {"GET": Operation("get_me", _("Who you are, and what you may do"), answer=MeShape)}

    def get(self, request: Request) -> Response:
        """As it is at this moment."""
        actor = self.actor
        rights = {
            codename: str(max((grant.scope for grant in grants), key=_width))
            for codename, grants in sorted(actor.grants.items())
            if grants
        }
        name = Member.objects.get(pk=actor.member_id).name
        facts = {"member_id": actor.member_id, "organization_id": actor.organization_id, "token_id": actor.token_id}
        return Response(MeShape(facts | {"name": name, "rights": rights}).data)


class OwnAccount(ApiView):
    """Of the person's account, which opens other organizations too: no token of one of them reaches it."""

    def person(self) -> Any:
        """The person in the browser. Raises NotAllowed for a token."""
        if self.actor.kind != ActorKind.MEMBER:
            raise NotAllowed(_("An account belongs to its person. Sign in with a browser to do this."))
        return self.request._request.user


class SignInListApi(OwnAccount):
    permission = HOME
    tag = TAG
    operations = {
        "GET": Operation("list_sign_ins", _("Where you are signed in; in a browser only"), answer=SignInsShape)
    }

    def get(self, request: Request) -> Response:
        """The last used one first."""
        found = list(sign_ins_of(self.person()))
        context = {"session_key": self.request._request.session.session_key}
        return Response(SignInsShape({"results": found}, context=context).data)


class SignInApi(OwnAccount):
    permission = HOME
    tag = TAG
    operations = {"DELETE": Operation("end_sign_in", _("Sign out there; in a browser only"), status=204)}

    def delete(self, request: Request, pk: int) -> Response:
        """At once."""
        if not sessions.end_one(self.person(), pk):
            raise NotVisible
        return Response(status=204)


class PreferencesApi(ApiView):
    permission = HOME
    tag = TAG
    operations = {
        "GET": Operation(
            "get_preferences", _("How you like the screens, and in which language"), answer=PreferencesShape
        ),
        "PATCH": Operation(
            "change_preferences",
            _("Choose how you like the screens, and in which language"),
            body=PreferencesForm,
            answer=PreferencesShape,
        ),
    }

    def get(self, request: Request) -> Response:
        """The same in every organization."""
        return Response(PreferencesShape(self.member().user).data)

    def patch(self, request: Request) -> Response:
        """What is not named stays."""
        member = self.member()
        facts = self.facts(PreferencesForm, row=member.user, actor=self.actor)
        return self.answer_once(lambda: (200, PreferencesShape(change_preferences(self.actor, member, **facts)).data))

    def member(self) -> Member:
        """Who is calling, or whom the token acts for."""
        return Member.objects.select_related("user").get(pk=self.actor.member_id)


class NoticeChoicesApi(ApiView):
    permission = HOME
    tag = TAG
    sent_shape: type[SentDefaults] = SentChoices
    operations = {
        "GET": Operation("get_notice_choices", _("Where you are told, and when"), answer=ChoicesShape),
        "PATCH": Operation(
            "choose_notices",
            _("Choose where you are told, and when"),
            body=SentChoices,
            answer=ChoicesShape,
            is_versioned=True,
        ),
    }

    def get(self, request: Request) -> Response:
        """What holds where nothing was chosen stands among the defaults."""
        return Response(self.told())

    def patch(self, request: Request) -> Response:
        """What is not named stays."""
        facts = self.sent(self.sent_shape, is_versioned=True)
        if unknown := unknown_kinds(facts):
            raise BadBody([{"field": "channels", "reason": _now("There is no kind %(name)s.") % {"name": unknown[0]}}])
        for name in {"quiet_from", "quiet_until"} & set(facts):
            facts[name] = time.fromisoformat(facts[name]) if facts[name] else None

        def work() -> tuple[int, Any]:
            try:
                self.choose(facts)
            except StateConflict as error:
                raise Outdated(self.told()) from error
            return 200, self.told()

        return self.answer_once(work)

    def member(self) -> Member | None:
        """Whose choices they are."""
        return Member.objects.get(pk=self.actor.member_id)

    def told(self) -> Any:
        """As it stands now."""
        stored = NoticePreference.objects.filter(member=self.member()).first()
        return ChoicesShape(stored or NoticePreference()).data

    def choose(self, facts: dict[str, Any]) -> None:
        """Call the service."""
        notice_choices.choose(self.actor, Member.objects.get(pk=self.actor.member_id), **facts)


class NoticeDefaultsApi(NoticeChoicesApi):
    permission = SETTINGS
    tag = "organization"
    sent_shape = SentDefaults
    operations = {
        "GET": Operation("get_notice_defaults", _("How people are told who chose nothing"), answer=ChoicesShape),
        "PATCH": Operation(
            "set_notice_defaults",
            _("Set how people are told who chose nothing"),
            body=SentDefaults,
            answer=ChoicesShape,
            is_versioned=True,
        ),
    }

    def member(self) -> Member | None:
        return None

    def choose(self, facts: dict[str, Any]) -> None:
        notice_choices.choose_default(self.actor, self.request.organization, **facts)


class NoticeKindListApi(ApiView):
    permission = HOME
    tag = TAG
    operations = {
        "GET": Operation("list_notice_kinds", _("What people can be told"), answer=NoticeKindsShape),
        "PUT": Operation(
            "mute_kind",
            _("Hear nothing more of a kind, or again"),
            body=SentMuted,
            answer=ChoicesShape,
            problems=(404,),
        ),
    }

    def get(self, request: Request) -> Response:
        """The same for everybody."""
        return Response(NoticeKindsShape({"results": all_kinds()}).data)

    def put(self, request: Request) -> Response:
        """What is unread of it is read."""
        facts = self.sent(SentMuted)

        def work() -> tuple[int, Any]:
            notice_choices.mute_kind(self.actor, self.request.organization, **facts)
            return 200, ChoicesShape(NoticePreference.objects.get(member=self.actor.member_id)).data

        return self.answer_once(work)


class WatchApi(ApiView):
    permission = HOME
    tag = TAG
    operations = {
        "PUT": Operation(
            "watch", _("Follow an object, or hear nothing of it"), body=SentWatch, answer=WatchShape, problems=(404,)
        )
    }

    def put(self, request: Request) -> Response:
        """Of any object that can be watched."""
        facts = self.sent(SentWatch)
        label, pk = facts["type"], facts["id"]
        if visible_object(self.actor, label, pk) is None:
            raise NotVisible

        def work() -> tuple[int, Any]:
            notice_choices.watch(self.actor, self.request.organization, label=label, pk=pk, level=facts["level"])
            return 200, WatchShape(facts).data

        return self.answer_once(work)


def _width(scope: str) -> int:
    return list(Scope).index(Scope(scope))
