"""What entries of the log, their subjects and their open facts are called on pages for people.

Packages that append entries name theirs at import; the log's own are here. What nobody named is shown as it stands
in the log, which is always there behind "The entry and its hashes" for those who recompute.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple, TypeAlias, cast

from market.i18n import formats
from market.i18n.messages import translate
from market.values.periods import Period
from market.values.share import Share
from market.values.text import Text, lazy

Reader: TypeAlias = Callable[[Any, str], str]
"""A value as the log writes it and a language: the words for it."""


class _Fact(NamedTuple):
    label: Text
    read: Reader
    place: int


_names: dict[str, Text] = {}
_facts: dict[tuple[str, str], _Fact] = {}
_subjects: dict[str, Reader] = {}
_tables: dict[str, Text] = {}


def name_kind(kind: str, words: Text) -> None:
    """Give a kind of entry the words it is shown under: `name_kind("claim.decided", lazy("A claim was decided"))`."""
    if _names.setdefault(kind, words) != words:
        raise ValueError(f"{kind} has two names")


def name_of(kind: str) -> Text | str:
    """The words of a kind; the kind itself when nobody named it."""
    return _names.get(kind, kind)


def name_fact(name: str, label: Text, read: Reader | None = None, *, kind: str = "") -> None:
    """Give an open fact its label and a way to read its values; for entries of one `kind` only, if it is given."""
    _facts[kind, name] = _Fact(label, read or as_text, len(_facts))


def name_subject(prefix: str, read: Reader) -> None:
    """Say what a subject such as `claim:AZG9VFA5` is called; `read` gets what follows the colon."""
    _subjects[prefix] = read


def name_table(table: str, words: Text) -> None:
    """Give a covered table the words it is shown under."""
    _tables[table] = words


def subject_words(subject: str, locale: str) -> str:
    """What an entry is about."""
    prefix, _, rest = subject.partition(":")
    read = _subjects.get(prefix)
    return read(rest, locale) if read else subject


def open_facts(kind: str, facts: Mapping[str, Any] | None, locale: str) -> list[tuple[str, str]]:
    """The facts of an entry or a certificate, label by label, in the order in which they were named.

    What stands inside another fact is listed like it. A fact whose reader has nothing to say is left out.
    """
    found = list(_read(kind, facts or {}, locale))
    return [(label, text) for _, label, text in sorted(found, key=lambda each: each[0]) if text]


def _read(kind: str, facts: Mapping[str, Any], locale: str) -> Iterator[tuple[int, str, str]]:
    for name, value in facts.items():
        fact = _facts.get((kind, name)) or _facts.get(("", name))
        if isinstance(value, Mapping) and fact is None:
            yield from _read(kind, cast("Mapping[str, Any]", value), locale)
        elif fact is None:
            yield len(_facts), name, as_text(value, locale)
        elif value is not None:
            yield fact.place, translate(fact.label, locale), fact.read(value, locale)


def is_named(kind: str, name: str) -> bool:
    """Whether an open fact has words."""
    return (kind, name) in _facts or ("", name) in _facts


# How values are read ------------------------------------------------------------------------------------


def as_text(value: Any, locale: str) -> str:
    """As it stands; whole numbers grouped, what is neither as JSON writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return formats.number(value, locale)
    return json.dumps(value, ensure_ascii=False)


def as_money(value: Any, locale: str) -> str:
    return formats.money(value, locale) if type(value) is int else as_text(value, locale)


def as_number(value: Any, locale: str) -> str:
    return as_text(value, locale)


def as_yes_or_no(value: Any, locale: str) -> str:
    return translate(lazy("Yes") if value else lazy("No"), locale)


def as_list(value: Any, locale: str) -> str:
    parts: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    return ", ".join(as_text(part, locale) for part in parts) or "–"


def as_month(value: Any, locale: str) -> str:
    try:
        return formats.month(Period.parse(str(value)).first_day, locale)
    except ValueError:
        return as_text(value, locale)


def as_day(value: Any, locale: str) -> str:
    try:
        return formats.day(date.fromisoformat(str(value)), locale)
    except ValueError:
        return as_text(value, locale)


def as_share(value: Any, locale: str) -> str:
    """`33,33% (1/3)`: shown as everywhere, and exact."""
    try:
        return f"{formats.share(Share.parse(str(value)), locale)} ({value})"
    except (ValueError, ZeroDivisionError):
        return as_text(value, locale)


def as_table(value: Any, locale: str) -> str:
    return translate(_tables.get(str(value), str(value)), locale)


def one_of(words: Mapping[str, Text]) -> Reader:
    """A reader for codes; codes without words stay."""

    def read(value: Any, locale: str) -> str:
        codes: list[Any] = list(cast("list[Any]", value)) if isinstance(value, list) else [value]
        return ", ".join(translate(words.get(str(code), as_text(code, locale)), locale) for code in codes)

    return read


def _saying(text: Callable[[str, str], Text]) -> Reader:
    return lambda rest, locale: translate(text(rest, locale), locale)


name_kind("log.key", lazy("A key that signs the log"))
name_kind("log.day", lazy("End of a day"))
name_kind("rows.sealed", lazy("Rows of a ledger covered"))
name_kind("opening.erased", lazy("Facts behind an entry erased"))
name_kind("witness.added", lazy("A witness put on the list"))
name_kind("witness.removed", lazy("A witness taken off the list"))

name_subject("log", _saying(lambda _, __: lazy("The log itself")))
name_subject("day", as_day)
name_subject("table", as_table)
name_subject("witness", _saying(lambda number, _: lazy("Witness no. %(number)s", number=number)))
name_subject(
    "entry",
    lambda index, locale: translate(lazy("Entry %(index)s", index=index), locale),
)

name_fact("key", lazy("Key"))
name_fact("day", lazy("Day"), as_day)
name_fact("entry", lazy("No. of the entry"), as_number)
name_fact("name", lazy("Name"))
name_fact("table", lazy("Ledger"), as_table)
name_fact("first_id", lazy("First row"), as_number)
name_fact("last_id", lazy("Last row"), as_number)
name_fact("count", lazy("Number of rows"), as_number)

name_table("log_checkpoint", lazy("Signed checkpoints of this log"))
name_table("log_witness_mail", lazy("Mails to witnesses"))
