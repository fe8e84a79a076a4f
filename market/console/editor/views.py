"""The editor's controls as templates draw them: words translated, choices listed, names numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from market.console.editor.controls import Around, Control
from market.i18n.messages import translate


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of radios or checkboxes, as `ui/pick.html` takes it."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class ControlView:
    """A control ready to draw. `options` are for selects, `choices` for radios and checkboxes."""

    name: str
    label: str
    type: str
    hint: str | None
    optional: bool
    maxlength: int | None
    low: int | None
    high: int | None
    rows: int
    options: Sequence[tuple[str, str]]
    choices: Sequence[Choice]


def view(control: Control, around: Around, row: int | None = None) -> ControlView:
    """A control in a language; with `row`, as a field of that row."""
    options = list(control.options(around)) if control.options else []
    return ControlView(
        name=control.name if row is None else f"{control.name}-{row}",
        label=translate(control.label, around.locale),
        type=control.type,
        hint=translate(control.hint, around.locale) if control.hint else None,
        optional=control.optional,
        maxlength=control.maxlength,
        low=control.low,
        high=control.high,
        rows=control.rows,
        options=options,
        choices=[Choice(value, title) for value, title in options],
    )


def layout(
    lines: Sequence[Sequence[Control]], around: Around, row: int | None = None
) -> list[list[ControlView]]:
    """Lines of controls that stand side by side where there is room."""
    return [[view(control, around, row) for control in line] for line in lines]
