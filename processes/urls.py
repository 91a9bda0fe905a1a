"""Addresses of processes."""

from __future__ import annotations

from django.urls import path

from processes.views import authoring, beginning, my, pictures, preview, runs, sops, starting, step_acts, steps, versions

app_name = "processes"

urlpatterns = [
    path("sops/", sops.SopListView.as_view(), name="sop-list"),
    path("sops/new/", beginning.SopNewView.as_view(), name="sop-new"),
    path("sops/import/", beginning.SopImportView.as_view(), name="sop-import"),
    path("sops/library/", beginning.LibraryView.as_view(), name="sop-library"),
    path("sops/library/text/", beginning.TemplateView.as_view(), name="sop-template"),
    path("sops/<int:pk>/", sops.SopDetailView.as_view(), name="sop-detail"),
    path("sops/<int:pk>/edit/", sops.SopEditView.as_view(), name="sop-edit"),
    path("sops/<int:pk>/duplicate/", sops.SopDuplicateView.as_view(), name="sop-duplicate"),
    path("sops/<int:pk>/retire/", sops.SopRetireView.as_view(), name="sop-retire"),
    path("sops/<int:pk>/draft/", sops.DraftStartView.as_view(), name="draft-start"),
    path("versions/<int:pk>/", versions.VersionDetailView.as_view(), name="version-detail"),
    path("sops/<int:pk>/pictures/<int:picture>/", pictures.PictureView.as_view(), name="sop-picture"),
    path("versions/<int:pk>/pictures/", pictures.PictureAddView.as_view(), name="picture-add"),
    path("versions/<int:pk>/preview/", preview.PreviewView.as_view(), name="version-preview"),
    path("versions/<int:pk>/compare/", versions.CompareView.as_view(), name="version-compare"),
    path("versions/<int:pk>/markdown/", versions.MarkdownView.as_view(), name="version-markdown"),
    path("versions/<int:pk>/submit/", versions.SubmitView.as_view(), name="version-submit"),
    path("versions/<int:pk>/approve/", versions.ApproveView.as_view(), name="version-approve"),
    path("versions/<int:pk>/send-back/", versions.SendBackView.as_view(), name="version-send-back"),
    path("versions/<int:pk>/schedule/", versions.ScheduleView.as_view(), name="version-schedule"),
    path("versions/<int:pk>/effective/", versions.EffectiveView.as_view(), name="version-effective"),
    path("versions/<int:pk>/comment/", versions.CommentAddView.as_view(), name="comment-add"),
    path("comments/<int:pk>/resolve/", versions.CommentResolveView.as_view(), name="comment-resolve"),
    path("versions/<int:pk>/edit/", authoring.EditorView.as_view(), name="version-edit"),
    path("versions/<int:pk>/edit/frame/", authoring.FrameFormView.as_view(), name="frame-edit"),
    path("versions/<int:pk>/edit/add/", authoring.PartAddView.as_view(), name="part-add"),
    path("versions/<int:pk>/edit/bin/<str:token>/", authoring.PartRestoreView.as_view(), name="part-restore"),
    path("versions/<int:pk>/edit/<str:key>/", authoring.PartFormView.as_view(), name="part-edit"),
    path("versions/<int:pk>/edit/<str:key>/up/", authoring.PartShiftView.as_view(), {"by": -1}, name="part-up"),
    path("versions/<int:pk>/edit/<str:key>/down/", authoring.PartShiftView.as_view(), {"by": 1}, name="part-down"),
    path("versions/<int:pk>/edit/<str:key>/move/", authoring.PartMoveView.as_view(), name="part-move"),
    path("versions/<int:pk>/edit/<str:key>/copy/", authoring.PartDuplicateView.as_view(), name="part-duplicate"),
    path("versions/<int:pk>/edit/<str:key>/remove/", authoring.PartRemoveView.as_view(), name="part-remove"),
    path("runs/", runs.RunListView.as_view(), name="run-list"),
    path("sops/<int:pk>/start/", starting.RunStartView.as_view(), name="run-start"),
    path("runs/<int:pk>/cancel/", starting.RunCancelView.as_view(), name="run-cancel"),
    path("runs/<int:pk>/", runs.RunDetailView.as_view(), name="run-detail"),
    path("my/", my.MyStepsView.as_view(), name="my-steps"),
    path("steps/<int:pk>/", steps.StepDetailView.as_view(), name="step-detail"),
    path("steps/<int:pk>/now/", steps.StepNowView.as_view(), name="step-now"),
    path("steps/<int:pk>/save/", steps.StepSaveView.as_view(), name="step-save"),
    path("steps/<int:pk>/claim/", step_acts.StepClaimView.as_view(), name="step-claim"),
    path("steps/<int:pk>/release/", step_acts.StepReleaseView.as_view(), name="step-release"),
    path("steps/<int:pk>/start/", step_acts.StepStartView.as_view(), name="step-start"),
    path("steps/<int:pk>/skip/", step_acts.StepSkipView.as_view(), name="step-skip"),
    path("steps/<int:pk>/hand-over/", step_acts.StepHandOverView.as_view(), name="step-hand-over"),
    path("steps/<int:pk>/help/", step_acts.StepHelpView.as_view(), name="step-help"),
    path("steps/<int:pk>/vote/", step_acts.StepVoteView.as_view(), name="step-vote"),
    path("calls/<int:pk>/answer/", step_acts.CallAnswerView.as_view(), name="call-answer"),
    path("calls/<int:pk>/resolve/", step_acts.CallResolveView.as_view(), name="call-resolve"),
]
