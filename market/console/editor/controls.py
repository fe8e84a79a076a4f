"""What a field of the editor looks like, apart from its value. Templates draw these; nothing here parses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from market.values.text import Text, lazy

Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SleepingPlace:
    """A listed room that a day of a tour may end in."""

    room_type_id: int
    label: str


@dataclass(frozen=True, slots=True)
class Around:
    """What a section's choices depend on: the reader's language and the rooms a tour may sleep in."""

    locale: str
    sleeping: tuple[SleepingPlace, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Control:
    """One field. `type`: text, textarea, number, money, percent, date, time, select, radio or checks."""

    name: str
    label: Text
    type: str = "text"
    hint: Text | None = None
    optional: bool = False
    maxlength: int | None = None
    low: int | None = None
    high: int | None = None
    rows: int = 3
    options: Callable[[Around], Sequence[Option]] | None = None
    blank: str = ""  # the value of a new row


def in_both(name: str, label_id: Text, label_en: Text, **more: object) -> tuple[Control, Control]:
    """The same field once in Indonesian and once in English, side by side."""
    return (
        Control(f"{name}_id", label_id, **more),  # type: ignore[arg-type] # the keyword arguments of Control
        Control(f"{name}_en", label_en, **more),  # type: ignore[arg-type]
    )


NAME_ID, NAME_EN = lazy("Name in Indonesian"), lazy("Name in English")
