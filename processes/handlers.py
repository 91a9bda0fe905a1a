"""What processes does after its own events: people owe what the state of a run says."""

from __future__ import annotations
