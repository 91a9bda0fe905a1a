"""How often one actor may call."""

from __future__ import annotations

from typing import Any

from rest_framework.throttling import SimpleRateThrottle


class ActorThrottle(SimpleRateThrottle):
    """Counts per token, or per member in the browser; per address for a caller who is nobody yet."""

    scope = "actor"

    def get_cache_key(self, request: Any, view: Any) -> str:
        actor = getattr(request, "actor", None)
        if actor is None:
            ident = f"address:{self.get_ident(request)}"
        else:
            ident = f"{actor.organization_id}:{actor.kind}:{actor.token_id or actor.member_id}"
        return self.cache_format % {"scope": self.scope, "ident": ident}
