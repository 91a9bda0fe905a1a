"""What `check --deploy` refuses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def no_addresses_of_tests(app_configs: Any, **_: Any) -> list[Error]:
    """Addresses that tests may call over plain HTTP have no place in a deployment."""
    if not settings.OUTBOUND_TEST_ADDRESSES:
        return []
    return [
        Error(
            "OPS_OUTBOUND_TEST_ADDRESSES lets the product call addresses of its own machine.",
            hint="Unset it; for a chat server in a private network use OPS_OUTBOUND_PRIVATE_HOSTS.",
            id="organization.E001",
        )
    ]
