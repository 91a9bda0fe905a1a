"""Pages of working calendars."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from ops_platform.web.addresses import address
from ops_platform.web.columns import Column
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from organization.engine.local_time import local_day
from organization.errors import NotVisible
from organization.forms.calendars import CalendarForm, ChangeCalendarForm, DayForm, HoursForm, OfficialDaysForm
from organization.forms.confirm import ConfirmForm
from organization.models import WorkCalendar
from organization.queries import calendars as reads
from organization.services import calendars
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from organization.views.lists import ListView

FIRST_YEAR, LAST_YEAR = 1970, 2200


def _url(calendar: WorkCalendar) -> str:
    return address("organization:calendar-detail", calendar.pk)


class CalendarListView(ListView):
    """The calendars of the organization."""

    permission = "organization.calendar.view"
    template = "organization/calendar_list.html"
    title = _("Working calendars")
    empty_template = "organization/_empty_calendars.html"
    order = Order("first", ("pk",))
    columns = (
        Column("name", _("Calendar"), "display_name", kind="link", href=_url, is_wide=True),
        Column("default", _("Default"), lambda row: _("Default") if row.is_default else "", folded="end"),
        Column("timezone", _("Time zone"), lambda row: row.timezone or row.organization.timezone, folded="bare"),
        Column("known", _("Days known until"), "known_until", kind="date"),
    )

    def rows(self) -> TenantQuerySet:
        return reads.calendars(self.actor).select_related("organization")

    def context(self) -> dict[str, Any]:
        return {"may_create": self.actor.holds("organization.calendar.edit")}


class CalendarDetailView(PageView):
    """A month, the hours of the week, and what differs."""

    permission = "organization.calendar.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        visible = WorkCalendar.objects.visible_to(self.actor).select_related("organization")
        calendar = visible_or_404(visible, pk=pk)
        today = local_day(timezone.now(), calendar.timezone or calendar.organization.timezone)
        first = _month(request.GET.get("month", ""), today)
        context = {
            "calendar": calendar,
            "today": today,
            "month": first,
            "previous_month": _shifted(first, -1),
            "next_month": _shifted(first, 1),
            "weeks": reads.month_weeks(calendar, first.year, first.month),
            "weekdays": list(WEEKDAYS_ABBR.values()),
            "hours": reads.weekly_hours(calendar),
            "missing_year": reads.missing_year(calendar, today=today),
            "official_form": OfficialDaysForm(initial={"year": first.year}),
            "may_edit": self.actor.holds("organization.calendar.edit"),
        }
        return render_page(request, "organization/calendar_detail.html", context)


class CalendarNewView(FormPageView):
    """A new calendar, with office hours to begin with."""

    permission = "organization.calendar.edit"
    title = _("New calendar")
    submit_label = _("Create the calendar")
    message = _("The calendar is created with office hours. Change them as you need.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return CalendarForm(data, actor=self.actor)

    def save(self, facts: dict[str, Any]) -> str:
        return _url(calendars.create_calendar(self.actor, self.request.organization, **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Working calendars"), reverse("organization:calendar-list"))]}


class CalendarFormView(FormPageView):
    """A form about one calendar."""

    permission = "organization.calendar.edit"

    def prepare(self, **kwargs: Any) -> None:
        visible = WorkCalendar.objects.visible_to(self.actor).select_related("organization")
        self.calendar = self.subject(visible, pk=kwargs["pk"])

    def context(self) -> dict[str, Any]:
        list_step = (_("Working calendars"), reverse("organization:calendar-list"))
        return {"steps": [list_step, (self.calendar.display_name, _url(self.calendar))]}


class CalendarEditView(CalendarFormView):
    """Name, zone, default."""

    title = _("Edit calendar")
    submit_label = _("Save")
    message = _("The calendar is saved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        names = ("name", "name_zh", "timezone", "is_default", "version")
        return ChangeCalendarForm(
            data, actor=self.actor, initial={name: getattr(self.calendar, name) for name in names}
        )

    def save(self, facts: dict[str, Any]) -> str:
        return _url(calendars.change_calendar(self.actor, self.calendar, **facts))


class CalendarHoursView(CalendarFormView):
    """The ranges of each weekday."""

    title = _("Working hours")
    submit_label = _("Save the hours")
    message = _("The working hours are saved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        weekly = reads.weekly_hours(self.calendar)
        initial: dict[str, Any] = {f"day{weekday}": ranges for weekday, (_name, ranges) in enumerate(weekly)}
        return HoursForm(data, initial=initial | {"version": self.calendar.version})

    def save(self, facts: dict[str, Any]) -> str:
        weekly = [facts[f"day{weekday}"] for weekday in range(7)]
        return _url(calendars.set_hours(self.actor, self.calendar, weekly=weekly, version=facts["version"]))


class CalendarDayView(CalendarFormView):
    """A holiday, a make-up day, or a day with other hours."""

    title = _("A day that differs")
    submit_label = _("Save the day")
    message = _("The day is saved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return DayForm(data, actor=self.actor, initial=reads.day_facts(self.calendar, self.request.GET.get("day", "")))

    def save(self, facts: dict[str, Any]) -> str:
        day_on = facts["day_on"]
        calendars.set_day(self.actor, self.calendar, **facts)
        return f"{_url(self.calendar)}?month={day_on:%Y-%m}"


class CalendarDayClearView(ActionView):
    """Let a day follow its weekday again."""

    permission = "organization.calendar.edit"
    message = _("The day follows its weekday again.")

    def act(self, **kwargs: Any) -> str:
        calendar = self.subject(WorkCalendar.objects.visible_to(self.actor), pk=kwargs["pk"])
        try:
            day_on = date.fromisoformat(kwargs["day"])
        except ValueError as error:
            raise NotVisible from error
        calendars.clear_day(self.actor, calendar, day_on=day_on)
        return f"{_url(calendar)}?month={day_on:%Y-%m}"


class CalendarOfficialView(CalendarFormView):
    """Load the official days of a year."""

    title = _("Load official days")
    submit_label = _("Load the days")
    message = _("The official days are loaded.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return OfficialDaysForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        calendars.load_official_days(self.actor, self.calendar, country="CN", year=facts["year"])
        return f"{_url(self.calendar)}?month={facts['year']}-01"


class CalendarDeleteView(CalendarFormView):
    """Remove a calendar that nobody uses."""

    template = "organization/confirm.html"
    title = _("Delete calendar")
    submit_label = _("Delete for good")
    message = _("The calendar is deleted.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return ConfirmForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        calendars.delete_calendar(self.actor, self.calendar)
        return reverse("organization:calendar-list")


def _month(text: str, today: date) -> date:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return first if FIRST_YEAR <= first.year <= LAST_YEAR else today.replace(day=1)


def _shifted(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
