"""Notes on the charts of a KPI."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.api.kpis import KpiItem
from metrics.models import Annotation, Kpi
from metrics.serializers.entries import AnnotationShape, SentAnnotation, SentChangedAnnotation
from metrics.services.annotations import NoteSpec, annotate, change_annotation, remove_annotation, restore_annotation
from ops_platform.web.paging import Order
from organization.api.lists import ListApiView, listed
from organization.api.problems import Outdated
from organization.api.schema import Operation
from organization.errors import NotVisible, StateConflict

VIEW, EDIT = "metrics.kpi.view", "metrics.annotation.edit"
TAG = "annotations"


class AnnotationListApi(ListApiView):
    """The notes on one KPI itself."""

    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    shape = AnnotationShape
    order = Order("newest", ("starts_at", "pk"), is_descending=True)
    operations = {
        "GET": listed(
            "list_annotations",
            _("Notes on a KPI, the newest first"),
            AnnotationShape,
            has_shown=False,
            is_exported=False,
        ),
        "POST": Operation("annotate", _("A note on a KPI"), body=SentAnnotation, answer=AnnotationShape, status=201),
    }

    def kpi(self) -> Kpi:
        """The KPI that the address names. Raises NotVisible."""
        found: Kpi | None = (
            Kpi.objects.visible_to(self.actor).select_related("department").filter(key=self.kwargs["key"]).first()
        )
        if found is None:
            raise NotVisible
        return found

    def rows(self) -> Any:
        return Annotation.objects.filter(kpi=self.kpi(), removed_at=None)

    def post(self, request: Request, **kwargs: Any) -> Response:
        """On that KPI alone."""
        kpi = self.kpi()
        note = NoteSpec(**self.sent(SentAnnotation))
        return self.answer_once(lambda: (201, AnnotationShape(annotate(self.actor, kpi, note=note)).data))


class AnnotationApi(KpiItem):
    """One note on one KPI."""

    permission = {"GET": VIEW, "PUT": EDIT, "DELETE": EDIT}
    tag = TAG
    operations = {
        "GET": Operation("get_annotation", _("A note on a KPI"), answer=AnnotationShape),
        "PUT": Operation(
            "change_annotation",
            _("Say a note otherwise"),
            body=SentChangedAnnotation,
            answer=AnnotationShape,
            is_versioned=True,
        ),
        "DELETE": Operation("remove_annotation", _("Take a note from the charts"), status=204),
    }

    def rows(self) -> Any:
        return Kpi.objects.visible_to(self.actor).select_related("department")

    def note(self, kpi: Kpi) -> Annotation:
        """The note that the address names. Raises NotVisible."""
        found: Annotation | None = Annotation.objects.filter(
            kpi=kpi, removed_at=None, pk=self.kwargs["annotation"]
        ).first()
        if found is None:
            raise NotVisible
        return found

    def get(self, request: Request, **kwargs: Any) -> Response:
        """On that KPI alone."""
        return Response(AnnotationShape(self.note(self.row())).data)

    def put(self, request: Request, **kwargs: Any) -> Response:
        """All of it anew."""
        kpi = self.row()
        found = self.note(kpi)
        facts = self.sent(SentChangedAnnotation, is_versioned=True)
        version = facts.pop("version")

        def work() -> tuple[int, Any]:
            try:
                changed = change_annotation(self.actor, kpi, annotation=found, note=NoteSpec(**facts), version=version)
            except StateConflict as error:
                raise Outdated(AnnotationShape(self.note(kpi)).data) from error
            return 200, AnnotationShape(changed).data

        return self.answer_once(work)

    def delete(self, request: Request, **kwargs: Any) -> Response:
        """It can be brought back."""
        kpi = self.row()
        found = self.note(kpi)

        def work() -> tuple[int, Any]:
            remove_annotation(self.actor, kpi, annotation=found)
            return 204, None

        return self.answer_once(work)


class AnnotationRestoreApi(KpiItem):
    """A removed note."""

    permission = EDIT
    tag = TAG
    operations = {"POST": Operation("restore_annotation", _("Bring a removed note back"), answer=AnnotationShape)}

    def rows(self) -> Any:
        return Kpi.objects.visible_to(self.actor).select_related("department")

    def post(self, request: Request, **kwargs: Any) -> Response:
        """One that is not removed stays as it is."""
        kpi = self.row()
        found = Annotation.objects.filter(kpi=kpi, pk=self.kwargs["annotation"]).first()
        if found is None:
            raise NotVisible
        return self.answer_once(
            lambda: (200, AnnotationShape(restore_annotation(self.actor, kpi, annotation=found)).data)
        )
