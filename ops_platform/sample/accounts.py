"""The accounts that the sample company can be looked at with. Known without a database: the first start prints them."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ops_platform.sample.texts import Text

SLUG = "sample"
# For trying out on one's own machine. Anything that others reach sets SAMPLE_PASSWORD, or makes no sample at all.
DEMO_PASSWORD = "look-around-2026"  # noqa: S105


@dataclass(frozen=True)
class Account:
    """A sign-in of the sample company: the built-in role it bears, and who it is."""

    role: str
    local_part: str
    name: Text
    title: Text
    department: str


ACCOUNTS = (
    Account("owner", "owner", Text("Shen Mingyuan", "沈明远"), Text("Managing director", "总经理"), "GM"),
    Account("admin", "admin", Text("Luo Jiahe", "罗佳禾"), Text("Head of IT", "信息技术部经理"), "IT"),
    Account("manager", "manager", Text("Tang Ruoxi", "唐若曦"), Text("Head of sales", "销售总监"), "SAL"),
    Account("staff", "staff", Text("Fang Zihan", "方子涵"), Text("Service planner", "客服运营专员"), "SVC"),
    Account("auditor", "auditor", Text("Gu Wenbo", "顾文博"), Text("Internal auditor", "内部审计"), "FIN"),
)


def email_of(local_part: str, slug: str = SLUG) -> str:
    """The address within the sample company called `slug`; the domain can never exist."""
    return f"{local_part}@{slug}.example"


def sample_password() -> str:
    """The password of all sample accounts: SAMPLE_PASSWORD, or the documented one."""
    return os.environ.get("SAMPLE_PASSWORD") or DEMO_PASSWORD


def sample_accounts(slug: str = SLUG) -> list[tuple[str, str, str]]:
    """(role, e-mail, password) of each account. Reads no database."""
    return [(account.role, email_of(account.local_part, slug), sample_password()) for account in ACCOUNTS]


def accounts_text(slug: str = SLUG, *, has_password: bool = True) -> str:
    """The accounts as lines for a terminal; has_password: whether they still open with `sample_password`."""
    password = sample_password() if has_password else "as it was when they were made, or set since"
    lines = [f"  {role:<8} {email}" for role, email, _ in sample_accounts(slug)]
    return "\n".join(["Accounts of the sample company:", *lines, f"  password for all: {password}"])
