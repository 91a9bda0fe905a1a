"""Procedures out of Markdown: small ones exactly, other people's real ones without a lost word."""

from __future__ import annotations

import json
import re

import pytest

from processes.engine.importing.markdown import NotCarried, import_markdown
from tests.conftest import SHARED_DATA

FILES = SHARED_DATA / "sop"
NAMES = sorted(path.name for path in FILES.glob("*.md"))
real = pytest.mark.skipif(not NAMES, reason=f"no procedures at {FILES}")

SMALL = """---
title: Shop
---
# Open the shop

Be early.

## Outside

Look around.

1. Walk **round** the house
   - [ ] No broken glass
   - [x] Lights are off
2. Unlock

   Use the `red` key.

Then wait.

## Inside

To check:

- [ ] Till
- [ ] Heating

![Plan](plan.png)

<script>alert(1)</script>

### Step 2: Pay in

| coin | count |
|---|---|
| 1 | 2 |
"""


def test_p28_headings_lists_and_checkboxes_become_sections_steps_and_fields() -> None:
    found = import_markdown(SMALL)

    steps = [(section.title, step.title, step.instruction) for section, step in found.procedure.steps()]
    fields = [(step.title, field.label, field.kind.value) for _, step, field in found.procedure.fields()]
    assert found.title == "Open the shop"
    assert found.procedure.intro == "Be early."
    assert steps == [
        ("Outside", "Walk round the house", "Look around.\n\nWalk **round** the house"),
        ("Outside", "Unlock", "Use the `red` key.\n\nThen wait."),
        ("Inside", "To check", "![Plan](plan.png)"),
        ("Inside", "Pay in", "| coin | count |\n|---|---|\n| 1 | 2 |"),
    ]
    assert fields == [
        ("Walk round the house", "No broken glass", "checkbox"),
        ("Walk round the house", "Lights are off", "checkbox"),
        ("To check", "Till", "checkbox"),
        ("To check", "Heating", "checkbox"),
    ]


def test_p28_what_is_not_carried_over_is_listed_with_its_lines() -> None:
    assert import_markdown(SMALL).not_carried == (
        NotCarried(1, 3, "The lines above the text that describe the file."),
        NotCarried(28, 28, "A picture: attach it to the step.", "plan.png"),
        NotCarried(30, 30, "HTML", "<script>alert(1)</script>"),
    )


@pytest.mark.parametrize("text", ["", "\n\n", "---\n---\n", "#", "\0", "- ", "1.\n2.\n"])
def test_p28_next_to_nothing_is_read_too(text: str) -> None:
    assert len(list(import_markdown(text).procedure.steps())) <= 2


def test_p28_a_long_item_is_cut_in_the_title_and_whole_in_the_instruction() -> None:
    item = "word " * 60

    (step,) = [step for _, step in import_markdown(f"- {item}").procedure.steps()]

    assert len(step.title) <= 200
    assert step.title.endswith("word…")
    assert item.strip() in step.instruction


def words(text: str) -> set[str]:
    return set(re.findall(r"\w{3,}", text.lower()))


@real
@pytest.mark.parametrize("name", NAMES)
def test_p28_no_word_of_a_real_procedure_is_lost(name: str) -> None:
    text = (FILES / name).read_text()
    found = import_markdown(text)
    parts = [found.title, found.procedure.intro]
    parts += [f"{section.title} {step.title} {step.instruction}" for section, step in found.procedure.steps()]
    parts += [field.label for _, _, field in found.procedure.fields()]
    for note in found.not_carried:
        parts += text.splitlines()[note.first - 1 : note.last]

    assert words(text) - words("\n".join(parts)) == set()


@real
@pytest.mark.parametrize(
    ("name", "sections", "steps"),
    [
        ("aircraft_cessna_172r.md", 16, 150),
        ("counteractive_phishing.md", 9, 47),
        ("gov_leaving.md", 9, 31),
        ("zh_scale_cluster.md", 8, 37),
    ],
)
def test_p28_real_procedures_have_the_parts_that_a_reader_counts(name: str, sections: int, steps: int) -> None:
    procedure = import_markdown((FILES / name).read_text()).procedure

    assert (len(procedure.sections), len(list(procedure.steps()))) == (sections, steps)


@real
def test_p28_every_line_of_a_pilots_checklist_is_a_step() -> None:
    counts = json.loads((FILES / "reference.json").read_text())["aircraft_cessna_172r.md"]

    procedure = import_markdown((FILES / "aircraft_cessna_172r.md").read_text()).procedure

    assert len(list(procedure.steps())) == counts["top_level_items"]
    assert len(procedure.sections) == counts["headings"]["h2"]
