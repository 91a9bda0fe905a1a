"""A version as staff will see it, step by step, on a wide screen or in the width of a phone. Nothing can be filled in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from ops_platform.web.htmx import render_page
from organization.views.base import PageView, visible_or_404
from processes.engine.content import read_content
from processes.forms.answers import drawn_fields
from processes.queries.pictures import instruction_html
from processes.queries.words import condition_words, in_language
from processes.views.sops import version_url
from processes.views.versions import rows_of, trail


class PreviewView(PageView):
    """One step as staff will see it. `?step=` names it by its number, `?width=phone` narrows it."""

    permission = "processes.sop.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = visible_or_404(rows_of(self.actor), pk=pk)
        procedure = read_content(version.content)
        steps = list(procedure.steps())
        asked = request.GET.get("step", "")
        number = min(max(int(asked) if asked.isdecimal() and len(asked) < 6 else 1, 1), max(len(steps), 1))
        context = {
            "version": version,
            "number": number,
            "count": len(steps),
            "is_phone": request.GET.get("width") == "phone",
            "width": "phone" if request.GET.get("width") == "phone" else "wide",
            "steps": trail(version, (f"v{version.number}", version_url(version))),
        }
        if steps:
            section, step = steps[number - 1]
            context |= {
                "section": in_language(section.title, section.title_zh),
                "step": {"title": in_language(step.title, step.title_zh), "minutes": step.minutes},
                "instruction": instruction_html(version.sop_id, in_language(step.instruction, step.instruction_zh)),
                "condition": condition_words(step.condition, procedure),
                "fields": drawn_fields(step.fields, disabled=True),
            }
        return render_page(request, "processes/version_preview.html", context)
