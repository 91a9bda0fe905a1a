"""What is kept about people: declared beside each model, shown on the page "Privacy", taken out and erased by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Erasure(Enum):
    """What erasing a person does to the rows about them."""

    DELETED = pgettext_lazy("fate of personal data", "Deleted")
    BLANKED = pgettext_lazy("fate of personal data", "Emptied")
    PSEUDONYM = pgettext_lazy("fate of personal data", "Kept under a pseudonym")


@dataclass(frozen=True)
class Personal:
    """One kind of personal data.

    person: the lookup from a row to the member, or to the account where `of_account` is set; empty where a service finds
    the rows by other means. blanks: what stands in the columns after erasing, for BLANKED.
    """

    what: Any
    purpose: Any
    kept: Any
    fate: Erasure
    person: str = "member"
    of_account: bool = False
    blanks: Mapping[str, Any] = field(default_factory=dict)


MEMBERSHIP = _("As long as the membership")
ACCOUNT = _("As long as the account")
SETTING_UP = _("What the person chose for themselves")
# Tables of packages, by label: their models are not ours to write on
OTHERS: dict[str, Personal] = {
    "account.emailaddress": Personal(
        _("E-mail addresses, and whether they are confirmed"), _("Signing in"), ACCOUNT, Erasure.DELETED, "user", True
    ),
    "account.emailconfirmation": Personal(
        _("Confirmations of an e-mail address under way"),
        _("Signing in"),
        ACCOUNT,
        Erasure.DELETED,
        "email_address__user",
        True,
    ),
    "mfa.authenticator": Personal(
        _("Second factors and passkeys"), _("Signing in"), ACCOUNT, Erasure.DELETED, "user", True
    ),
    "socialaccount.socialaccount": Personal(
        _("Accounts elsewhere that sign the person in"), _("Signing in"), ACCOUNT, Erasure.DELETED, "user", True
    ),
    "sessions.session": Personal(_("Sessions"), _("Staying signed in"), _("14 days"), Erasure.DELETED, "", True),
}
