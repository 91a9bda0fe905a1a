"""Signs of life of the background processes."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When a recurring job last ran. Not of any organization: readiness looks at it."""

    name = models.CharField(max_length=60, primary_key=True)
    beat_at = models.DateTimeField()
