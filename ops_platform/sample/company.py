"""The organization of the sample: founded once, in one transaction, with its departments, people and calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction

from ops_platform.sample import accounts, people
from ops_platform.sample.accounts import email_of
from ops_platform.sample.texts import CHINESE, Text
from organization.access import Actor, system_actor
from organization.engine.official_days import known_years
from organization.models import Department, Member, Organization, Position, Role, User, WorkCalendar
from organization.queries.memberships import organizations_of
from organization.services.calendars import load_official_days
from organization.services.departments import change_department, create_department, set_duties
from organization.services.members import add_member, change_member
from organization.services.organizations import found_organization
from organization.services.positions import create_position
from organization.services.roles import assign_role, create_role, set_grants
from organization.tenancy import tenant_context

REASON = "sample"
OFFICIAL_YEARS = (2024, 2025, 2026)


class SlugTaken(Exception):
    """A company that is no sample has this short name."""


@dataclass(frozen=True)
class Company:
    """The sample's organization, and the actor that fills it."""

    organization: Organization
    actor: Actor


def found(slug: str) -> Company | None:
    """The sample company called `slug`, None where there is none. Raises SlugTaken for a real one of that name."""
    owner = User.objects.filter(email=email_of("owner", slug)).first()
    for organization in organizations_of(owner.pk) if owner else []:
        if organization.slug == slug:
            if not organization.is_sample:
                raise SlugTaken(slug)
            return Company(organization, system_actor(organization.pk, REASON))
    return None


def found_company(slug: str, language: str) -> Company:
    """Found it: all of this module's rows, or none. Raises SlugTaken."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                organization = _organization(slug, language)
        except IntegrityError as error:
            raise SlugTaken(slug) from error
        company = Company(organization, system_actor(organization.pk, REASON))
        with tenant_context(organization.pk):
            _calendar(company.actor)
            departments = _departments(company)
            _members(company, slug, language, departments)
            _leaders(company)
    return company


def _organization(slug: str, language: str) -> Organization:
    account = accounts.ACCOUNTS[0]
    owner, _ = User.objects.get_or_create(
        email=email_of("owner", slug), defaults={"name": account.name.shown(language)}
    )
    owner.set_password(accounts.sample_password())
    owner.save()
    return found_organization(
        name=people.COMPANY.en,
        name_zh=people.COMPANY.zh,
        slug=slug,
        owner=owner,
        timezone="Asia/Shanghai",
        currency="CNY",
        language=CHINESE if language == CHINESE else "en",
        is_sample=True,
    )


def _calendar(actor: Actor) -> None:
    calendar = WorkCalendar.objects.get(is_default=True)
    for year in sorted(set(OFFICIAL_YEARS) & set(known_years("CN"))):
        load_official_days(actor, calendar, country="CN", year=year)


def _departments(company: Company) -> dict[str, Department]:
    made: dict[str, Department] = {}
    for unit in people.UNITS:
        made[unit.code] = create_department(
            company.actor,
            company.organization,
            name=unit.name.en,
            name_zh=unit.name.zh,
            code=unit.code,
            parent=made[unit.parent] if unit.parent else None,
        )
    return made


def _positions(company: Company) -> dict[Text, Position]:
    """What people are, each once, whoever holds it."""
    titles = dict.fromkeys([one.title for one in accounts.ACCOUNTS] + [one.title for one in people.people()])
    return {
        title: create_position(company.actor, company.organization, name=title.en, name_zh=title.zh) for title in titles
    }


def _members(company: Company, slug: str, language: str, departments: dict[str, Department]) -> None:
    """The accounts and everybody else, with heads and duties of their departments."""
    actor, heads, positions = company.actor, {}, _positions(company)
    for account in accounts.ACCOUNTS:
        place: dict[str, object] = {"department": departments[account.department], "position": positions[account.title]}
        if account.role == "owner":
            member = Member.objects.get()
            member = change_member(actor, member, version=member.version, **place)
        else:
            member = _join(
                company, email_of(account.local_part, slug), account.name.shown(language), place, has_password=True
            )
            assign_role(actor, member, role=Role.objects.get(key=account.role))
        heads.update({code: member for code, role in people.HEADS.items() if role == account.role})
    staff = Role.objects.get(key="staff")
    for person in people.people():
        place = {"department": departments[person.department], "position": positions[person.title]}
        member = _join(company, email_of(person.local_part, slug), person.name.shown(language), place)
        assign_role(actor, member, role=staff)
        if person.is_head:
            heads[person.department] = member
    for unit in people.UNITS:
        department, head = departments[unit.code], heads.get(unit.code)
        department = change_department(actor, department, version=department.version, head=head)
        duties = [{"name": duty.en, "name_zh": duty.zh, "owner": head} for duty in unit.duties]
        set_duties(actor, department, duties=duties)


def _join(company: Company, email: str, name: str, place: dict[str, object], *, has_password: bool = False) -> Member:
    """A member; only the accounts can sign in."""
    password = accounts.sample_password() if has_password else None
    return add_member(
        company.actor,
        company.organization,
        email=email,
        name=name,
        password=password,
        joined_on=date(2021, 3, 1),
        **place,
    )


def _leaders(company: Company) -> None:
    """A role of the company's own, for the heads: it reaches as far as their department."""
    role = create_role(company.actor, company.organization, name=people.LEADER.en, name_zh=people.LEADER.zh)
    set_grants(company.actor, role, grants=people.LEADER_RIGHTS)
    for department in Department.objects.filter(head__isnull=False).select_related("head").order_by("code"):
        if department.code not in people.HEADS and department.head is not None:
            assign_role(company.actor, department.head, role=role)


def opens(slug: str) -> bool:
    """Whether the owner's account opens with the password that would be printed."""
    owner = User.objects.filter(email=email_of("owner", slug)).first()
    return owner is not None and owner.check_password(accounts.sample_password())
