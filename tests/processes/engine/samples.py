"""A small procedure as plain JSON, and helpers to change one place of it."""

from __future__ import annotations

import copy
from typing import Any

DELIVERY: dict[str, Any] = {
    "intro": "How goods come in.",
    "sections": [
        {
            "key": "arrival",
            "title": "Arrival",
            "title_zh": "到货",
            "steps": [
                {
                    "key": "paper",
                    "title": "Read the delivery note",
                    "fields": [
                        {"key": "supplier", "label": "Supplier", "kind": "text", "required": True},
                        {"key": "delivery", "label": "Day of delivery", "kind": "date", "required": True},
                        {
                            "key": "goods",
                            "label": "Goods",
                            "kind": "choice",
                            "settings": {
                                "options": [{"key": "fresh", "label": "Fresh"}, {"key": "dry", "label": "Dry"}]
                            },
                        },
                        {"key": "buyer", "label": "Buyer", "kind": "person"},
                    ],
                },
                {
                    "key": "cold",
                    "title": "Measure the temperature",
                    "condition": {"field": "goods", "is": "is", "value": "fresh"},
                    "responsible": {"who": "role", "reference": "staff"},
                    "minutes": 5,
                    "due": {
                        "amount": 2,
                        "unit": "working_days",
                        "direction": "before",
                        "origin": "field",
                        "field": "delivery",
                    },
                    "critical": True,
                    "fields": [
                        {
                            "key": "degrees",
                            "label": "Temperature",
                            "kind": "number",
                            "required": True,
                            "critical": True,
                            "weight": 2,
                            "settings": {
                                "unit": "°C",
                                "decimals": 1,
                                "least": -40,
                                "most": "60",
                                "warn_above": 7.5,
                            },
                            "fail_when": {"is": "above", "value": 8},
                        },
                    ],
                },
            ],
        },
        {
            "key": "pallets",
            "title": "Pallets",
            "repeats": {"row": "Pallet", "least": 1, "most": 3},
            "steps": [
                {
                    "key": "count",
                    "title": "Count the boxes",
                    "after": ["paper"],
                    "fields": [
                        {"key": "boxes", "label": "Boxes", "kind": "number", "settings": {"decimals": 0}},
                        {
                            "key": "damage",
                            "label": "Damage",
                            "kind": "photo",
                            "condition": {
                                "any": [
                                    {"field": "boxes", "is": "below", "value": 10},
                                    {"field": "goods", "is": "filled"},
                                ]
                            },
                        },
                    ],
                },
            ],
        },
        {
            "key": "end",
            "title": "Release",
            "steps": [
                {
                    "key": "release",
                    "title": "Release the goods",
                    "after": ["count"],
                    "responsible": {"who": "field", "reference": "buyer"},
                    "approval": {
                        "approvers": [{"who": "head"}, {"who": "role", "reference": "manager"}],
                        "mode": "in_order",
                        "send_back_to": ["paper", "count"],
                    },
                    "due": {"amount": 4, "unit": "working_hours", "origin": "step", "step": "count"},
                },
            ],
        },
    ],
    "rules": {"order": "recorded", "pass_percent": 80, "due": {"amount": 3, "unit": "days"}},
}


def changed(path: str, value: Any, base: dict[str, Any] | None = None) -> dict[str, Any]:
    """A copy with the value at `path`, such as `sections.0.steps.1.minutes`, set."""
    document = copy.deepcopy(DELIVERY if base is None else base)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    inner: Any = document
    for part in way:
        inner = inner[part]
    inner[last] = value
    return document
