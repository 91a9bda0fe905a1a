"""How often one actor may call."""

from __future__ import annotations

from typing import Any

from rest_framework.throttling import SimpleRateThrottle


class ActorThrottle(SimpleRateThrottle):
    """Counts per token, or per member in the browser; per address for a caller who is nobody yet."""

    scope = "actor"
    history: list[float]
    now: float
    num_requests: int | None
    duration: int | None

    def get_cache_key(self, request: Any, view: Any) -> str:
        actor = getattr(request, "actor", None)
        if actor is None:
            ident = f"address:{self.get_ident(request)}"
        else:
            ident = f"{actor.organization_id}:{actor.kind}:{actor.token_id or actor.member_id}"
        return self.cache_format % {"scope": self.scope, "ident": ident}

    @property
    def standing(self) -> dict[str, str]:
        """How the caller stands, as headers; nothing before they were counted."""
        if not self.num_requests or not hasattr(self, "history"):
            return {}
        oldest = self.history[-1] if self.history else self.now
        return {
            "RateLimit-Limit": str(self.num_requests),
            "RateLimit-Remaining": str(max(0, self.num_requests - len(self.history))),
            "RateLimit-Reset": str(max(0, int(oldest + (self.duration or 0) - self.now) + 1)),
        }
