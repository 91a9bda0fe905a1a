"""Working calendars: hours of the week, and days that differ."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from ops_platform.web.paging import Order
from organization.api.bodies import facts_from
from organization.api.lists import ListApiView, MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ActionItem, ChangeItem, ItemView, ReadItem, RemoveItem
from organization.errors import NotVisible
from organization.forms.calendars import CalendarForm, ChangeCalendarForm, DayForm, HoursForm, OfficialDaysForm
from organization.models import CalendarException, WorkCalendar
from organization.queries.calendars import weekly_hours
from organization.serializers.calendars import CalendarDetailShape, CalendarShape, DayShape, SentDay, SentHours
from organization.services import calendars
from organization.views.calendars import CalendarListView

VIEW, EDIT = "organization.calendar.view", "organization.calendar.edit"
TAG = "calendars"


class CalendarListApi(MakeApiView):
    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    page = CalendarListView
    shape = CalendarShape
    form = CalendarForm
    operations = {
        "GET": listed("list_calendars", _("Working calendars"), CalendarShape),
        "POST": Operation(
            "create_calendar",
            _("A new calendar, with office hours to begin with"),
            body=CalendarForm,
            answer=CalendarShape,
            status=201,
        ),
    }

    def make(self, facts: dict[str, Any]) -> WorkCalendar:
        return calendars.create_calendar(self.actor, self.request.organization, **facts)


class CalendarItem(ItemView):
    """One calendar with its hours."""

    shape = CalendarDetailShape

    def rows(self) -> Any:
        return WorkCalendar.objects.visible_to(self.actor)

    def shape_context(self, row: WorkCalendar) -> dict[str, Any]:
        return {"weekly": weekly_hours(row)}


class CalendarApi(CalendarItem, ReadItem, ChangeItem, RemoveItem):
    permission = {"GET": VIEW, "PATCH": EDIT, "DELETE": EDIT}
    tag = TAG
    change_form = ChangeCalendarForm
    operations = {
        "GET": Operation("get_calendar", _("A calendar with the hours of its week"), answer=CalendarDetailShape),
        "PATCH": Operation(
            "change_calendar",
            _("Change a calendar, or make it the default"),
            body=ChangeCalendarForm,
            answer=CalendarDetailShape,
            is_versioned=True,
        ),
        "DELETE": Operation("delete_calendar", _("Delete a calendar that no department uses"), status=204),
    }

    def change(self, row: WorkCalendar, facts: dict[str, Any]) -> WorkCalendar:
        return calendars.change_calendar(self.actor, row, **facts)

    def remove(self, row: WorkCalendar) -> None:
        calendars.delete_calendar(self.actor, row)


class CalendarHoursApi(CalendarItem):
    permission = EDIT
    tag = TAG
    operations = {
        "PUT": Operation(
            "set_hours", _("Set the hours of the week"), body=SentHours, answer=CalendarDetailShape, is_versioned=True
        )
    }

    def put(self, request: Request, **kwargs: Any) -> Response:
        """All seven weekdays."""
        row = self.row()
        facts = self.sent(SentHours, is_versioned=True)
        days = {f"day{weekday}": text for weekday, text in enumerate(facts["weekly"])}
        cleaned = facts_from(days, HoursOfWeek, row=object())
        weekly = [cleaned[f"day{weekday}"] for weekday in range(7)]
        return self.write(row, lambda: calendars.set_hours(self.actor, row, weekly=weekly, version=facts["version"]))


class HoursOfWeek(HoursForm):
    """The form of the page, whose seven fields are known before one is made."""


HoursOfWeek.base_fields = HoursForm().fields


class CalendarDayListApi(ListApiView):
    permission = VIEW
    tag = TAG
    shape = DayShape
    order = Order("day", ("day_on",))
    operations = {
        "GET": listed("list_days", _("Days that differ, by date"), DayShape, has_shown=False, is_exported=False)
    }

    def rows(self) -> Any:
        calendar = WorkCalendar.objects.visible_to(self.actor).filter(pk=self.kwargs["pk"]).first()
        if calendar is None:
            raise NotVisible
        return CalendarException.objects.filter(calendar=calendar)


class CalendarDayApi(CalendarItem):
    permission = {"GET": VIEW, "PUT": EDIT, "DELETE": EDIT}
    tag = TAG
    operations = {
        "GET": Operation("get_day", _("A day that differs from its weekday"), answer=DayShape),
        "PUT": Operation("set_day", _("Make a day differ"), body=SentDay, answer=DayShape),
        "DELETE": Operation("clear_day", _("Let a day follow its weekday again"), status=204),
    }

    def day(self, row: WorkCalendar) -> dict[str, Any]:
        """The day as JSON. Raises NotVisible where it follows its weekday."""
        found = CalendarException.objects.filter(calendar=row, day_on=self.day_on()).first()
        if found is None:
            raise NotVisible
        return DayShape(found).data

    def day_on(self) -> date:
        """The date of the address. Raises NotVisible."""
        try:
            return date.fromisoformat(self.kwargs["day"])
        except ValueError as error:
            raise NotVisible from error

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Of the calendar."""
        return Response(self.day(self.row()))

    def put(self, request: Request, **kwargs: Any) -> Response:
        """A holiday, a make-up day, or other hours."""
        row, day_on = self.row(), self.day_on()
        sent = dict(self.sent(SentDay)) | {"day_on": day_on.isoformat()}
        facts = facts_from(sent, DayForm, actor=self.actor)

        def work() -> tuple[int, Any]:
            calendars.set_day(self.actor, row, **facts)
            return 200, self.day(row)

        return self.answer_once(work)

    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Hours as on that weekday."""
        row, day_on = self.row(), self.day_on()

        def work() -> tuple[int, Any]:
            calendars.clear_day(self.actor, row, day_on=day_on)
            return 204, None

        return self.answer_once(work)


class CalendarOfficialApi(CalendarItem, ActionItem):
    permission = EDIT
    tag = TAG
    form = OfficialDaysForm
    operations = {
        "POST": Operation(
            "load_official_days",
            _("Load the official holidays and make-up days of a year"),
            body=OfficialDaysForm,
            answer=CalendarDetailShape,
        )
    }

    def form_options(self, row: WorkCalendar) -> dict[str, Any]:
        return {}

    def act(self, row: WorkCalendar, facts: dict[str, Any]) -> WorkCalendar:
        return calendars.load_official_days(self.actor, row, country="CN", year=facts["year"])
