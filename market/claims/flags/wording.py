"""What a flag says in plain words, by rule and sentence. Figures are put in by the page, in its language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from market.i18n import formats
from market.i18n.messages import translate
from market.suppliers.offering import Unit
from market.suppliers.wording import UNITS
from market.values.text import Text, lazy, lazy_n

TITLES: Final[dict[str, Text]] = {
    "DUP-NO": lazy("One number on two papers"),
    "DUP-NEAR": lazy("Nearly the same purchase twice"),
    "IMG": lazy("Photos that look alike"),
    "CAPACITY": lazy("More than the supplier can deliver"),
    "CIRCULAR": lazy("Money that goes round"),
    "SPLIT": lazy("Several receipts just below the limit"),
    "ROUND": lazy("Many round amounts"),
    "BENFORD": lazy("Unusual first digits"),
    "PRICE": lazy("Dearer than usual"),
    "RELATED": lazy("Related to each other"),
    "BACKDATE": lazy("Entered late"),
    "RUSH": lazy("Entered shortly before the claim"),
    "CONFIRM": lazy("The supplier does not confirm it"),
}
SENTENCES: Final[dict[tuple[str, str], Text]] = {
    ("DUP-NO", "same_number"): lazy(
        "%(found)s papers of one seller carry the same number; there should be %(expected)s."
    ),
    ("DUP-NEAR", "near"): lazy(
        "%(found)s and %(expected)s from the same seller, %(apart)s apart (looked at: %(term)s)."
    ),
    ("IMG", "same"): lazy(
        "Two photos differ in %(found)s of 256 bits; up to %(expected)s is the same picture."
    ),
    ("IMG", "look"): lazy("Two photos differ in %(found)s of 256 bits; up to %(expected)s is worth a look."),
    ("CAPACITY", "over"): lazy(
        "All hotels together logged %(found)s %(unit)s of %(product)s; %(supplier)s states a capacity of"
        " %(expected)s %(unit)s for this month."
    ),
    ("CIRCULAR", "circle"): lazy(
        "%(parties)s parties bought from each other in a circle within 30 days: of %(out)s, %(back)s came back,"
        " %(found)s (flagged from %(expected)s)."
    ),
    ("SPLIT", "split"): lazy(
        "%(receipts)s plain receipts of one seller within 3 days, together %(found)s; a single one counts as"
        " evidence up to %(expected)s."
    ),
    ("ROUND", "round"): lazy(
        "%(found)s of %(lines)s amounts are divisible by 100,000; the median of the other hotels is %(expected)s."
    ),
    ("PRICE", "dear"): lazy(
        "%(goods)s at %(found)s a unit; the median of the month is %(expected)s, and one and a half times that is"
        " where this flag begins."
    ),
    ("RELATED", "person"): lazy(
        "%(one)s and %(other)s share a person who acts for both (shared marks: %(found)s, expected: %(expected)s)."
    ),
    ("RELATED", "npwp"): lazy(
        "%(one)s and %(other)s share a tax number (shared marks: %(found)s, expected: %(expected)s)."
    ),
    ("RELATED", "phone"): lazy(
        "%(one)s and %(other)s share a phone number (shared marks: %(found)s, expected: %(expected)s)."
    ),
    ("RELATED", "bank"): lazy(
        "%(one)s and %(other)s share a bank account (shared marks: %(found)s, expected: %(expected)s)."
    ),
    ("RELATED", "address"): lazy(
        "%(one)s and %(other)s share an address (shared marks: %(found)s, expected: %(expected)s)."
    ),
    ("RELATED", "several"): lazy(
        "%(one)s and %(other)s share several marks (shared marks: %(found)s, expected: %(expected)s)."
    ),
    ("RELATED", "declared"): lazy(
        "%(one)s and %(other)s are related by an officer's own declaration (shared marks: %(found)s, expected:"
        " %(expected)s)."
    ),
    ("BACKDATE", "late"): lazy("Entered %(found)s after the invoice; the rule allows %(expected)s."),
    ("BACKDATE", "after_lock"): lazy(
        "Added or taken back after the month was submitted, %(found)s after the invoice (expected: %(expected)s)."
    ),
    ("RUSH", "rush"): lazy(
        "%(lines)s of %(all)s lines, %(found)s, were entered in the 48 hours before the claim (flagged over"
        " %(expected)s)."
    ),
    ("CONFIRM", "not_mine"): lazy(
        "The hotel logged %(expected)s; the supplier says this sale is not theirs (%(found)s)."
    ),
    ("CONFIRM", "other_amount"): lazy("The hotel logged %(expected)s; the supplier says %(found)s."),
    ("CONFIRM", "silent"): lazy("%(found)s papers of one supplier were not answered within %(expected)s."),
}


def figure(written: Sequence[Any], locale: str) -> str:
    """A stored figure as people read it."""
    kind, value = written[0], written[1]
    write = _WRITTEN.get(kind)
    return write(value, locale) if write else str(value)


def _unit(code: str, locale: str) -> str:
    return translate(UNITS[Unit(code)], locale) if code in set(Unit) else code


_WRITTEN: Final[dict[str, Callable[[Any, str], str]]] = {
    "money": formats.money,
    "percent": formats.basis_points,
    "number": formats.number,
    "days": lambda count, locale: translate(lazy_n("%(count)s day", "%(count)s days", count), locale),
    "milli": lambda thousandths, locale: formats.number(thousandths / 1000, locale),
    "unit": _unit,
}


def sentence(rule: str, name: str, facts: Mapping[str, Sequence[Any]], locale: str) -> str:
    """The plain sentence of a flag with its two figures."""
    text = SENTENCES[rule, name]
    shown = {key: figure(value, locale) for key, value in facts.items()}
    return translate(Text(text.msgid, shown), locale)
