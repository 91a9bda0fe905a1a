"""The weighted score of a run (P11): sum earned over sum applicable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from processes.engine.conditions import BLANK, fails
from processes.engine.content import ChoiceSettings, Field, FieldKind, NumberSettings, Procedure, RatingSettings
from processes.engine.states import StepState


@dataclass(frozen=True, slots=True)
class StepResult:
    """How one step of a run ended. row: 0 outside repeated sections. answers: by field key; BLANK where none applies."""

    step: str
    state: StepState
    answers: Mapping[str, Any]
    row: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """earned of applicable points. failed: (step, row, field) of critical answers that failed; the field is empty for a
    critical step that was skipped. passed: None where nothing judges the run."""

    earned: Fraction
    applicable: Fraction
    failed: tuple[tuple[str, int, str], ...] = ()
    passed: bool | None = None

    @property
    def share(self) -> Fraction | None:
        """earned / applicable, from 0 to 1; None where nothing was scored."""
        return self.earned / self.applicable if self.applicable else None


def score(procedure: Procedure, results: Iterable[StepResult]) -> Score:
    """The score. What is not applicable, and what is not done yet, counts neither above nor below the line.

    A field with a weight earns the share of it that its answer is worth: ticked, inside the warning limits, the option's
    percent, stars out of all. A failed answer earns nothing. A skipped step earns nothing of its own weight and of its
    fields'. A critical failure fails the run, whatever the points.
    """
    earned = applicable = Fraction(0)
    failed: list[tuple[str, int, str]] = []
    for result in results:
        if result.state not in (StepState.DONE, StepState.SKIPPED):
            continue
        step = procedure.step(result.step)
        skipped = result.state is StepState.SKIPPED
        applicable += step.weight
        earned += 0 if skipped else step.weight
        if skipped and step.critical:
            failed.append((step.key, result.row, ""))
        for field in step.fields:
            answer = result.answers.get(field.key)
            if answer is BLANK:
                continue
            if fails(field, answer) and (field.critical or step.critical):
                failed.append((step.key, result.row, field.key))
            worth = Fraction(0) if skipped or answer is None else worth_of(field, answer)
            if worth is not None:
                applicable += field.weight
                earned += field.weight * worth
    return Score(earned, applicable, tuple(failed), _passed(procedure, earned, applicable, bool(failed)))


def worth_of(field: Field, answer: Any) -> Fraction | None:
    """The share of its weight that an answer earns; None where the chosen option is left out of the score."""
    if fails(field, answer):
        return Fraction(0)
    settings = field.settings
    if field.kind is FieldKind.CHECKBOX:
        return Fraction(int(answer is True))
    if isinstance(settings, RatingSettings):
        return Fraction(answer, settings.stars)
    if isinstance(settings, NumberSettings):
        number = Decimal(answer)
        low = settings.warn_below is not None and number < settings.warn_below
        high = settings.warn_above is not None and number > settings.warn_above
        return Fraction(int(not low and not high))
    if isinstance(settings, ChoiceSettings):
        return _worth_of_options(settings, answer)
    return Fraction(1)


def _worth_of_options(settings: ChoiceSettings, answer: Any) -> Fraction | None:
    """The mean of what is chosen and scored."""
    chosen = {answer} if isinstance(answer, str) else set(answer)
    percents = [option.score for option in settings.options if option.key in chosen and option.score is not None]
    return Fraction(sum(percents), 100 * len(percents)) if percents else None


def _passed(procedure: Procedure, earned: Fraction, applicable: Fraction, failed: bool) -> bool | None:
    needed = procedure.rules.pass_percent
    if failed:
        return False
    if needed is None or not applicable:
        return None
    return earned * 100 >= applicable * needed
