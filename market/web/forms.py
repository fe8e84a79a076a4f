"""What enters through forms and query strings: all errors at once, in our own words, with the input kept.

`parse(Model, data)` validates with pydantic and gives a `Form`: `form.data` when everything is right, and
`form.errors` beside the raw input otherwise. A model may word its own errors in `WORDS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from starlette.datastructures import FormData, ImmutableMultiDict, QueryParams

from market.i18n.messages import translate
from market.values.text import Text, lazy, lazy_n

M = TypeVar("M", bound="Inbound")
MAX_FIELD = 20_000
_MAX_NAME = 100


class Inbound(BaseModel):
    """Base of every inbound shape. Unknown fields are ignored; blanks count as not given; text is trimmed.

    Days and times of day are taken only as written ones: a bare number is no day since 1970, a day lies where
    adding a year or two still gives a day, and a time has no zone of its own.
    """

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", frozen=True)
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {}

    @field_validator("*", mode="before")
    @classmethod
    def _written(cls, typed: Any, info: ValidationInfo) -> Any:
        annotation = cls.model_fields[info.field_name or ""].annotation
        kinds = {annotation, *get_args(annotation)}
        if isinstance(typed, str) and date in kinds and not _DAY.fullmatch(typed.strip()):
            raise PydanticCustomError("date_written", "not a day as one writes it")
        if isinstance(typed, str) and time in kinds and not _TIME.fullmatch(typed.strip()):
            raise PydanticCustomError("time_written", "not a time as one writes it")
        return typed


_DAY = re.compile(r"(19|20|21)\d\d-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII)


def wrong(message: Text) -> PydanticCustomError:
    """An error for a field validator to raise, carrying our own late message."""
    return PydanticCustomError("market", "{text}", {"text": str(message), "message": message})


class Form(Generic[M]):
    """The result of parsing: the typed data, or the errors and what was typed."""

    def __init__(
        self, raw: Mapping[str, list[str]], data: M | None, errors: list[tuple[str, str]] | None = None
    ) -> None:
        self.raw = raw
        self.data = data
        self.errors: list[tuple[str, str]] = errors or []

    def value(self, name: str) -> str:
        """What was typed in a field (the first value), for showing it again."""
        values = self.raw.get(name)
        return values[0] if values else ""

    def values(self, name: str) -> list[str]:
        return self.raw.get(name, [])

    def error(self, name: str) -> str | None:
        """The message to show at a field."""
        return next((message for field, message in self.errors if field == name), None)

    def add_error(self, name: str, message: str) -> None:
        """A refusal that only a command could find out, shown at its field."""
        self.errors.append((name, message))
        self.data = None

    @property
    def ok(self) -> bool:
        return self.data is not None


def filled(values: Mapping[str, Any]) -> Form[Any]:
    """A form to show with values in it and nothing wrong yet."""
    raw = {
        name: [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]
        for name, value in values.items()
        if value is not None
    }
    return Form(raw, None)


def raw_values(data: FormData | QueryParams | ImmutableMultiDict[str, Any]) -> dict[str, list[str]]:
    """Text values by name; uploads are left out, and names that no field of ours could have."""
    raw: dict[str, list[str]] = {}
    for name, value in data.multi_items():
        if isinstance(value, str) and len(name) <= _MAX_NAME and _usable(name):
            raw.setdefault(name, []).append(value)
    return raw


_BREAKS = re.compile("[\x00\ud800-\udfff]")


def _usable(text: str) -> bool:
    """No NUL byte and no lone surrogate: those break queries and pages."""
    return _BREAKS.search(text) is None


def _shown(text: str) -> str:
    """What was typed, as far as a page can show it again."""
    return _BREAKS.sub("", text)


def parse(
    model: type[M],
    data: FormData | QueryParams | ImmutableMultiDict[str, Any] | Mapping[str, list[str]],
    locale: str,
) -> Form[M]:
    """Validate inbound text against `model`; messages come in `locale`."""
    raw = raw_values(data) if isinstance(data, ImmutableMultiDict) else dict(data)
    problems = _unusable(raw, locale)
    if problems:
        return Form({name: [_shown(v) for v in values] for name, values in raw.items()}, None, problems)
    try:
        return Form(raw, model.model_validate(_shaped(model, raw)))
    except ValidationError as error:
        return Form(raw, None, _worded(model, error.errors(include_url=False), locale))


def _unusable(raw: Mapping[str, list[str]], locale: str) -> list[tuple[str, str]]:
    """What no field takes, whatever it is for; endless text breaks people."""
    problems: list[tuple[str, str]] = []
    for name, values in raw.items():
        for value in values:
            if not _usable(value):
                problems.append((name, translate(lazy("Please remove the invisible characters."), locale)))
            elif len(value) > MAX_FIELD:
                problems.append((name, translate(lazy("This text is too long."), locale)))
    return problems


def _shaped(model: type[Inbound], raw: Mapping[str, list[str]]) -> dict[str, Any]:
    """Lists for list fields, the first non-blank value for the others."""
    shaped: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        key = info.alias or name
        values = [v for v in raw.get(key, []) if v.strip()]
        if get_origin(info.annotation) in (list, tuple, set, frozenset):
            shaped[key] = values
        elif values:
            shaped[key] = values[0]
    return shaped


def _worded(model: type[Inbound], errors: Iterable[ErrorDetails], locale: str) -> list[tuple[str, str]]:
    seen: set[str] = set()
    worded: list[tuple[str, str]] = []
    for error in errors:
        name = str(error["loc"][0]) if error["loc"] else ""
        if name not in seen:
            seen.add(name)
            worded.append((name, translate(_words(model, name, error), locale)))
    return worded


def _words(model: type[Inbound], name: str, error: ErrorDetails) -> Text:
    kind, context = error["type"], error.get("ctx", {})
    own = model.WORDS.get(name, {})
    message = context.get("message")
    if kind in own:
        return own[kind]
    if isinstance(message, Text):
        return message
    return own.get("any") or _limit_words(kind, context) or _plain_words(kind)


def _limit_words(kind: str, context: dict[str, Any]) -> Text | None:
    match kind:
        case "greater_than_equal":
            return lazy("Enter %(limit)s or more.", limit=context["ge"])
        case "greater_than":
            return lazy("Enter more than %(limit)s.", limit=context["gt"])
        case "less_than_equal":
            return lazy("Enter %(limit)s or less.", limit=context["le"])
        case "string_too_long":
            limit = int(context["max_length"])
            return lazy_n("Use at most %(count)s character.", "Use at most %(count)s characters.", limit)
        case "string_too_short":
            limit = int(context["min_length"])
            return lazy_n("Use at least %(count)s character.", "Use at least %(count)s characters.", limit)
        case _:
            return None


_PLAIN: tuple[tuple[str, Text], ...] = (
    # the beginning of pydantic's error type, and what we say
    ("missing", lazy("Please fill this in.")),
    ("int_", lazy("Enter a whole number, for example 2.")),
    ("date", lazy("Choose a date, for example 2026-12-24.")),
    ("time", lazy("Enter a time, for example 09:00.")),
    ("enum", lazy("Choose one of the options.")),
    ("literal_error", lazy("Choose one of the options.")),
    ("", lazy("Please check what you entered.")),
)


def _plain_words(kind: str) -> Text:
    return next(text for start, text in _PLAIN if kind.startswith(start))
