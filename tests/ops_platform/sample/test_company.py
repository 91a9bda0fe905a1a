"""The sample company in the database: made once, taken up after a kill, removed without a trace."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from metrics.choices import KpiKind
from metrics.models import Dashboard, Dataset, Kpi, KpiTarget, KpiVersion, Rollup
from metrics.queries.known_on import known_on
from metrics.queries.series import series, window
from ops_platform.sample import company
from ops_platform.sample.accounts import ACCOUNTS, sample_accounts, sample_password
from ops_platform.sample.builder import Made, Say, build
from ops_platform.sample.by_hand import CORRECTED, CORRECTED_BY, FIGURES
from ops_platform.sample.company import SlugTaken
from ops_platform.sample.generation import tables as generated
from ops_platform.sample.goals import BOARDS, GOALS
from ops_platform.sample.indicators import INDICATORS
from ops_platform.sample.removal import remove
from ops_platform.sample.texts import BOTH
from ops_platform.testing.database import as_migrator
from organization.engine.periods import Grain, periods
from organization.models import AuditEntry, Department, Member, Organization, Role, User
from organization.services.organizations import found_organization
from organization.tenancy import tenant_transaction
from tests.factories import make_member, make_organization, make_user

AS_OF = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)


class Killed(BaseException):
    """The process ends in the middle of its work."""


def silently(text: str) -> None:
    """Progress that nobody reads."""


def make(say: Say = silently, *, months: int = 0) -> Made:
    """A short sample: the running month, and `months` before it."""
    return build(slug="sample", language=BOTH, now=AS_OF, as_of=AS_OF, say=say, months=months)


def tables() -> dict[str, int]:
    """Rows of every table, of all organizations."""
    with as_migrator(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
            "AND NOT relispartition ORDER BY relname"
        )
        counts = {}
        for (name,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            counts[name] = cursor.fetchone()[0]
    return counts


@pytest.fixture
def no_sample(transactional_db: None) -> None:
    """Committed work, since the sample is many transactions."""


@pytest.mark.usefixtures("no_sample")
def test_o8_sample_is_made_once_and_removed_without_a_trace() -> None:
    real = make_organization()
    before = tables()

    made = make()
    full = tables()
    again = make()

    assert made.is_new
    assert not again.is_new
    assert tables() == full
    with tenant_transaction(made.company.organization.pk):
        assert Kpi.objects.count() >= 24
        assert Dashboard.objects.count() == len(BOARDS)
        assert Member.objects.count() >= 40
        assert Department.objects.exclude(head=None).count() >= 12
        assert set(Dataset.objects.values_list("key", flat=True)) == {
            *("orders", "web_sessions", "tickets", "deliveries", "stock", "inspections", "survey"),
            *(figure.key for figure in FIGURES),
        }
        assert not Kpi.objects.filter(name_zh="").exists()
        assert not KpiVersion.objects.filter(computed_at=None, dataset__isnull=False).exists()
        assert Rollup.objects.exists()
        assert KpiTarget.objects.values("kpi", "grain", "department").distinct().count() < KpiTarget.objects.count()

    assert remove("sample")
    assert tables() == before
    assert not remove("sample")
    with tenant_transaction(real.pk):
        assert AuditEntry.objects.exists()


@pytest.mark.usefixtures("no_sample")
@pytest.mark.parametrize("moment", ["Web sessions", "Setting targets"])
def test_o8_killed_in_the_middle_the_next_run_ends_with_the_same(moment: str) -> None:
    def kill(text: str) -> None:
        if text.startswith(moment):
            raise Killed

    with pytest.raises(Killed):
        make(kill)
    made = make()

    assert made.is_new
    with tenant_transaction(made.company.organization.pk):
        rows = dict(Dataset.objects.filter(is_entered=False).values_list("key", "row_count"))
        assert rows == {key: len(rows()) for key, rows in generated(AS_OF, BOTH, months=0)}
        assert (made.kpis, made.dashboards) == (len(INDICATORS) + len(FIGURES), len(BOARDS))
        assert Kpi.objects.filter(versions__computed_at=None).exclude(versions__kind=KpiKind.FORMULA).count() == 0
        assert KpiTarget.objects.values("kpi__key").distinct().count() == len({goal.kpi for goal in GOALS})


@pytest.mark.usefixtures("no_sample")
def test_o8_first_page_has_numbers_and_one_kpi_has_none_any_more() -> None:
    made = make(months=1)

    with tenant_transaction(made.company.organization.pk):
        ids = dict(Kpi.objects.values_list("key", "pk"))
        rule = made.company.organization.period_rule
        weeks = periods(Grain.WEEK, datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC), rule)
        found = series(ids.values(), window(weeks, "", rule))
        last = {key: found[pk].values[-1] for key, pk in ids.items()}

    silent = {key for key, value in last.items() if value is None} - {figure.key for figure in FIGURES}
    assert silent == {"lots_inspected", "lots_rejected", "rejection_rate", "engagement"}  # the last is monthly


@pytest.mark.usefixtures("no_sample")
def test_m4_a_corrected_figure_is_the_old_one_where_it_is_shown_as_known_before() -> None:
    made = make(months=1)

    with tenant_transaction(made.company.organization.pk):
        rule = made.company.organization.period_rule
        pk = Kpi.objects.get(key=CORRECTED).pk
        august = window(
            periods(Grain.MONTH, datetime(2026, 8, 10, tzinfo=UTC), datetime(2026, 8, 11, tzinfo=UTC), rule), "", rule
        )
        (now,) = series([pk], august)[pk].values
        (then,) = series([pk], august, known=known_on(date(2026, 9, 5), rule.timezone))[pk].values

    assert now is not None
    assert now - CORRECTED_BY == then


@pytest.mark.usefixtures("no_sample")
def test_accounts_open_with_the_printed_password_and_bear_their_role() -> None:
    made = make()

    printed = sample_accounts()
    with tenant_transaction(made.company.organization.pk):
        for account, (role, email, password) in zip(ACCOUNTS, printed, strict=True):
            user = User.objects.get(email=email)
            assert user.check_password(password)
            roles = set(Role.objects.filter(assignments__member__user=user).values_list("key", flat=True))
            assert role in roles, account.local_part
        assert [role for role, _, _ in printed] == ["owner", "admin", "manager", "staff", "auditor"]
        others = User.objects.exclude(email__in=[email for _, email, _ in printed])
        assert not any(user.has_usable_password() for user in others)
    assert company.opens("sample")


def test_accounts_are_known_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_PASSWORD", "given-by-the-operator")

    assert sample_password() == "given-by-the-operator"
    assert sample_accounts("demo")[0] == ("owner", "owner@demo.example", "given-by-the-operator")


@pytest.mark.usefixtures("no_sample")
def test_real_company_of_the_same_name_is_neither_filled_nor_removed() -> None:
    owner = make_user()
    User.objects.filter(pk=owner.pk).update(email="owner@sample.example")
    organization = found_organization(name="Real", slug="sample", owner=owner)
    before = tables()

    with pytest.raises(SlugTaken):
        make()
    with pytest.raises(SlugTaken):
        remove("sample")

    assert tables() == before
    with tenant_transaction(organization.pk):
        assert Organization.objects.get().name == "Real"


@pytest.mark.usefixtures("no_sample")
def test_database_removes_samples_alone() -> None:
    real = make_organization()

    with (
        pytest.raises(DatabaseError, match="Only an open sample company can be removed"),
        tenant_transaction(real.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM organization_remove_sample()")
    with (
        pytest.raises(DatabaseError, match="settled when it is founded"),
        tenant_transaction(real.pk),
    ):
        Organization.objects.filter(pk=real.pk).update(is_sample=True)

    with tenant_transaction(real.pk):
        assert not Organization.objects.get().is_sample
        assert AuditEntry.objects.exists()


@pytest.mark.usefixtures("no_sample")
def test_audit_trail_of_a_sample_still_refuses_the_app_role() -> None:
    sample = make_organization(is_sample=True)

    with (
        pytest.raises(DatabaseError, match="permission denied for table organization_auditentry"),
        tenant_transaction(sample.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM organization_auditentry")


@pytest.mark.usefixtures("no_sample")
def test_o8_the_button_removes_the_sample_once_its_name_is_typed_and_leaves_no_trace() -> None:
    make_organization()
    before = tables()
    make()
    client = Client()
    client.force_login(User.objects.get(email="admin@sample.example"))
    client.get("/organization/choose/")
    url = "/organization/settings/sample/"

    full = tables()
    assert client.post(url, {"slug": "smaple"}).status_code == 422
    assert tables() == full
    assert url in client.get("/organization/settings/").content.decode()

    assert client.post(url, {"slug": " sample "})["Location"] == "/"

    assert tables() == before
    assert client.get(url).status_code == 302


@pytest.mark.usefixtures("no_sample")
def test_o8_a_real_company_has_no_such_button() -> None:
    organization = make_organization()
    with tenant_transaction(organization.pk):
        member = make_member("owner")
    client = Client()
    client.force_login(member.user)
    client.get("/organization/choose/")

    assert client.get("/organization/settings/sample/").status_code == 404
    assert client.post("/organization/settings/sample/", {"slug": organization.slug}).status_code == 404
    assert "/settings/sample/" not in client.get("/organization/settings/").content.decode()
