"""The cache. Redis may be away at any time; a page must not be."""

from __future__ import annotations

from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class ForgivingRedisCache(RedisCache):
    """A RedisCache whose reads miss and whose writes are lost while Redis is away. PostgreSQL alone is the truth."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError as error:
            return self._missed("get", error, default)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """True while Redis is away: who takes a lock here goes on without it."""
        try:
            return super().add(*args, **kwargs)
        except RedisError as error:
            return self._missed("add", error, True)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        try:
            return super().get_many(keys, version)
        except RedisError as error:
            return self._missed("get_many", error, {})

    def set(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(*args, **kwargs)
        except RedisError as error:
            self._missed("set", error, None)

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        try:
            return super().set_many(*args, **kwargs)
        except RedisError as error:
            return self._missed("set_many", error, [])

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return super().delete(*args, **kwargs)
        except RedisError as error:
            return self._missed("delete", error, False)

    def _missed(self, operation: str, error: RedisError, answer: Any) -> Any:
        log.warning("cache.unreachable", operation=operation, error=type(error).__name__)
        return answer
