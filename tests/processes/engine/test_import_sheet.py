"""Procedures out of spreadsheets: both languages, every fault by its cell, nothing lost in silence."""

from __future__ import annotations

import csv

import pytest

from processes.engine.content import DueUnit, FieldKind, Responsible, Who, write_content
from processes.engine.importing.sheet import BadSheet, CellNote, import_sheet
from processes.engine.importing.sheet_words import due, listed, minutes
from tests.conftest import SHARED_DATA

SURGERY = SHARED_DATA / "sop" / "surgical_safety_checklist.csv"
HEAD = ["Section", "Step", "Instruction", "Field", "Kind", "Unit", "Min", "Max", "Choices", "Required"]
HEAD += ["Responsible", "Minutes", "Due", "Critical", "Weight"]


def row(**cells: str) -> list[str]:
    return [cells.get(name.lower(), "") for name in HEAD]


def test_a_sheet_becomes_sections_steps_and_fields() -> None:
    found = import_sheet(
        [
            HEAD,
            row(
                section="Cold room", step="Read the display", minutes="5 min", critical="yes", responsible="Department"
            ),
            row(field="Temperature", kind="number", unit="°C", min="-40", max="30", required="yes", weight="2"),
            row(field="Photo", kind="photo", max="3"),
            row(),
            row(step="Close", instruction="Push **hard**.", due="30 minutes after the step above", responsible="Cook"),
            row(section="Office", step="Sign", field="Result", choices="good; bad"),
        ],
        people={"cook": Responsible(Who.POSITION, "cook-1")},
    )

    assert found.not_carried == ()
    assert write_content(found.procedure)["sections"] == [
        {
            "key": "part_1",
            "title": "Cold room",
            "steps": [
                {
                    "key": "step_2",
                    "title": "Read the display",
                    "responsible": {"who": "group"},
                    "minutes": 5,
                    "critical": True,
                    "fields": [
                        {
                            "key": "field_3",
                            "label": "Temperature",
                            "kind": "number",
                            "settings": {"unit": "°C", "least": "-40", "most": "30"},
                            "required": True,
                            "weight": 2,
                        },
                        {"key": "field_4", "label": "Photo", "kind": "photo", "settings": {"most": 3}},
                    ],
                },
                {
                    "key": "step_5",
                    "title": "Close",
                    "instruction": "Push **hard**.",
                    "responsible": {"who": "position", "reference": "cook-1"},
                    "due": {"amount": 30, "unit": "minutes", "origin": "step", "step": "step_2"},
                },
            ],
        },
        {
            "key": "part_6",
            "title": "Office",
            "steps": [
                {
                    "key": "step_7",
                    "title": "Sign",
                    "fields": [
                        {
                            "key": "field_8",
                            "label": "Result",
                            "kind": "choice",
                            "settings": {"options": [{"key": "o_1", "label": "good"}, {"key": "o_2", "label": "bad"}]},
                        }
                    ],
                }
            ],
        },
    ]


def test_a_chinese_sheet_is_read_by_its_own_words() -> None:
    found = import_sheet(
        [
            ["序号", "章节", "步骤", "填写项", "类型", "选项", "必填", "用时（分钟）", "期限", "负责人"],
            ["1", "店外", "绕店检查", "门窗状态", "单选", "完好；损坏", "是", "5分钟", "2个工作日内", "部门负责人"],
            ["2", "", "撤防", "照片", "拍照", "", "否", "", "上一步后1小时", ""],
        ]
    )

    steps = [step for _, step in found.procedure.steps()]
    assert found.not_carried == ()
    assert [(section.title, step.title, step.minutes) for section, step in found.procedure.steps()] == [
        ("店外", "绕店检查", 5),
        ("店外", "撤防", None),
    ]
    assert [(field.label, field.kind, field.required) for _, _, field in found.procedure.fields()] == [
        ("门窗状态", FieldKind.CHOICE, True),
        ("照片", FieldKind.PHOTO, False),
    ]
    assert steps[0].responsible == Responsible(Who.HEAD)
    assert [(rule.amount, rule.unit, rule.step) for rule in (steps[0].due, steps[1].due) if rule] == [
        (2, DueUnit.WORKING_DAYS, ""),
        (1, DueUnit.HOURS, steps[0].key),
    ]


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"kind": "colour"}, "Kind", "There is no such kind of field."),
        ({"field": "X"}, "Kind", "Which kind of field this is, is missing."),
        ({"choices": "maybe"}, "Choices", "One choice alone is none."),
        ({"minutes": "soon"}, "Minutes", "This is no number of minutes."),
        ({"minutes": "0"}, "Minutes", "This is a whole number from 1 to 100000."),
        ({"critical": "perhaps"}, "Critical", "This is yes or no."),
        ({"required": "yes"}, "Required", "This belongs to a field, and the row has none."),
        ({"due": "soon"}, "Due", "A due time reads like “2 working days” or “30 minutes after the step above”."),
        ({"due": "2 h after the step above"}, "Due", "There is no step above."),
        ({"kind": "number", "min": "cold"}, "Min", "This is no number, or one with too many digits."),
        ({"kind": "choice"}, "Choices", "A choice needs at least one option."),
        ({"kind": "rating", "max": "30"}, "Max", "This is a whole number from 2 to 10."),
        ({"step": "x" * 201}, "Step", "This text is longer than 200 characters."),
        ({"section": "x" * 201}, "Section", "This text is longer than 200 characters."),
    ],
)
def test_a_fault_is_told_by_row_and_column(cells: dict[str, str], column: str, message: str) -> None:
    with pytest.raises(BadSheet) as caught:
        import_sheet([HEAD, row(**{"step": "Look"} | cells)], numbers=[4, 7])

    (problem,) = caught.value.problems
    assert (problem.row, problem.column, problem.message % problem.params) == (7, column, message)


def test_all_faults_come_at_once() -> None:
    with pytest.raises(BadSheet) as caught:
        import_sheet(
            [
                HEAD,
                row(field="Lost", kind="text"),
                row(step="A", minutes="x", due="y"),
                row(minutes="3", field="B", kind="z"),
                [*row(step="C"), "more"],
            ]
        )

    assert [(one.row, one.column) for one in caught.value.problems] == [
        (2, "Step"),
        (3, "Minutes"),
        (3, "Due"),
        (4, "Minutes"),
        (4, "Kind"),
        (5, ""),
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "No column holds the steps. Name one “step”."),
        ([["Section"], ["A"]], "No column holds the steps. Name one “step”."),
        ([["Step"], [""]], "There is no step in these rows."),
        ([["Step", "Task"], ["A", "B"]], "“Step” and “Task” mean the same."),
        ([["Step", ""], ["A", "B"]], "Column 2 has no name."),
        ([["Step"]] * 5001, "There are more than 5000 rows."),
    ],
)
def test_rows_that_are_no_procedure_are_refused(rows: list[list[str]], message: str) -> None:
    with pytest.raises(BadSheet) as caught:
        import_sheet(rows)

    assert [one.message % one.params for one in caught.value.problems] == [message]


def test_what_has_no_place_is_kept_in_the_text_or_listed() -> None:
    found = import_sheet(
        [
            ["No", "Step", "Tool", "Responsible", "Kind", "Unit"],
            ["7", "Turn", "Spanner", "Joe", "text", "kg"],
        ]
    )

    ((_, step),) = found.procedure.steps()
    assert step.instruction == "**Tool**: Spanner\n\n**No**: 7"
    assert found.not_carried == (
        CellNote(1, "Tool", "This column is not known. Its text stands in the instructions."),
        CellNote(1, "No", "These numbers do not count up. They stand in the instructions."),
        CellNote(2, "Responsible", "Nobody is known by this name: choose who does the step.", {"text": "Joe"}),
        CellNote(2, "Unit", "This kind of field has no such setting.", {"text": "kg"}),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2 working days", (2, DueUnit.WORKING_DAYS, False)),
        ("3d", (3, DueUnit.DAYS, False)),
        ("1 hour after the start", (1, DueUnit.HOURS, False)),
        ("90 min after the step above", (90, DueUnit.MINUTES, True)),
        ("开始后 4 个工作小时", (4, DueUnit.WORKING_HOURS, False)),
        ("3天内", (3, DueUnit.DAYS, False)),
        ("tomorrow", None),
    ],
)
def test_p1_due_times_in_words(text: str, found: tuple[int, DueUnit, bool] | None) -> None:
    assert due(text) == found


def test_lists_and_minutes_in_one_cell() -> None:
    assert listed("yes;not applicable") == ["yes", "not applicable"]
    assert listed("是、否") == ["是", "否"]
    assert listed("red, blue/green") == ["red", "blue", "green"]
    assert listed("1,5 kg; 2 kg") == ["1,5 kg", "2 kg"]
    assert [minutes(text) for text in ("15", "15.0", "15分钟", "-1", "1.5")] == [15, 15, 15, None, None]


@pytest.mark.skipif(not SURGERY.exists(), reason=f"no {SURGERY}")
def test_a_real_checklist_comes_over_whole() -> None:
    with SURGERY.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))

    found = import_sheet(rows)

    steps = [step for _, step in found.procedure.steps()]
    kinds = [field.kind.value for _, _, field in found.procedure.fields()]
    assert [(section.title, len(section.steps)) for section in found.procedure.sections] == [
        ("sign in", 7),
        ("time out", 7),
        ("sign out", 5),
    ]
    assert [step.title for step in steps] == [one[4] for one in rows[1:]]
    assert all(
        one[1] in step.instruction and one[2] in step.instruction for one, step in zip(rows[1:], steps, strict=True)
    )
    assert {kind: kinds.count(kind) for kind in kinds} == {"checkbox": 7, "choice": 7, "text": 5}
    assert [(note.row, note.column) for note in found.not_carried] == [(1, "when"), (1, "present")]
