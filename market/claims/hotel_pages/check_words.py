"""The checklist of a draft in words: what is looked at, what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from market.claims.claiming import Arrears, Check, Checked, Tie, Verdict
from market.i18n import formats
from market.i18n.messages import translate
from market.values.text import Text, lazy, lazy_n

TITLES: Final[dict[Check, Text]] = {
    Check.WINDOW: lazy("The time to claim"),
    Check.LINES: lazy("Purchases of the month"),
    Check.CATEGORIES: lazy("Categories"),
    Check.BOOKS: lazy("Purchases and books agree"),
    Check.TAX: lazy("The month's tax"),
    Check.COMPLIANCE: lazy("Tax paid for 24 months"),
    Check.ARREARS: lazy("Tax arrears"),
    Check.LATE: lazy("Entered late"),
    Check.EVIDENCE: lazy("Papers"),
    Check.CONFIRMATIONS: lazy("Suppliers' confirmations"),
}
TAGS: Final[dict[Verdict, tuple[str, Text]]] = {
    Verdict.OK: ("ok", lazy("In order")),
    Verdict.WARNING: ("wait", lazy("Officers will ask")),
    Verdict.BAD: ("bad", lazy("Missing")),
}


@dataclass(frozen=True, slots=True)
class CheckView:
    """An item of `ui/check_list.html`."""

    state: str
    title: str
    text: str
    tag: tuple[str, str]


def views(found: tuple[Checked, ...], locale: str) -> list[CheckView]:
    """The whole list."""
    return [
        CheckView(
            state=one.verdict.value,
            title=translate(TITLES[one.check], locale),
            text=translate(text_of(one, locale), locale),
            tag=(TAGS[one.verdict][0], translate(TAGS[one.verdict][1], locale)),
        )
        for one in found
    ]


def text_of(one: Checked, locale: str) -> Text:
    """What was found, with the figures."""
    return _WORDS[one.check](one.facts, one.verdict, locale)


def _lines(facts: dict[str, Any], verdict: Verdict, locale: str) -> Text:
    if verdict is not Verdict.OK:
        return lazy("Nothing is entered for this month.")
    return lazy_n("%(count)s line", "%(count)s lines", facts["count"])


def _categories(facts: dict[str, Any], verdict: Verdict, locale: str) -> Text:
    if verdict is Verdict.OK:
        return lazy("The rule knows every category.")
    return lazy("The rule knows no category “%(name)s”. Put those lines under another one.", **facts)


def _window(facts: dict[str, Any], verdict: Verdict, locale: str) -> Text:
    opens: date = facts["opens"]
    closes: date = facts["closes"]
    if verdict is Verdict.OK:
        return lazy("Open until %(day)s, 24:00 WITA.", day=formats.day(closes, locale))
    if facts["over"]:
        return lazy("Closed on %(day)s.", day=formats.day(closes, locale))
    return lazy("Opens on %(day)s, when the month is over.", day=formats.day(opens, locale))


def _books(facts: dict[str, Any], verdict: Verdict, locale: str) -> Text:
    found: Tie = facts["tie"]
    if not facts["stated"]:
        return lazy("State the month's purchases by your books.")
    amounts = {
        "difference": formats.money(found.unexplained, locale),
        "percent": formats.basis_points(found.bp, locale),
    }
    if verdict is Verdict.BAD:
        return lazy(
            "%(difference)s (%(percent)s) is in neither. At most 2%% may stay unexplained: enter what is"
            " missing, or say below what the rule excludes.",
            **amounts,
        )
    if found.unexplained and verdict is Verdict.WARNING:
        return lazy(
            "%(difference)s (%(percent)s) is unexplained. That is within 2%%; officers will ask about it.",
            **amounts,
        )
    if not facts["proved"]:
        return lazy("They agree. Officers will ask for the page of your books.")
    return lazy("They agree, and the page of your books is here.")


def _tax(facts: dict[str, Any], verdict: Verdict, locale: str) -> Text:
    if not facts["principal"]:
        return lazy("State the tax of the month, as in your tax return.")
    amount = formats.money(facts["principal"], locale)
    if not facts["proved"]:
        return lazy("%(amount)s. Officers will ask for the tax return.", amount=amount)
    return lazy("%(amount)s, with the tax return.", amount=amount)


def _compliance(facts: dict[str, Any], verdict: Verdict, locale: str) -> Text:
    if facts["stated"] is None:
        return lazy("Say whether the tax of the last 24 months is paid.")
    if not facts["proved"]:
        return lazy("Add the tax office's letter on the last 24 months.")
    if not facts["stated"]:
        return lazy("Not always. Officers weigh it; your explanation goes with the claim.")
    return lazy("Stated, with the tax office's letter.")


def _arrears(facts: dict[str, Any], verdict: Verdict, locale: str) -> Text:
    stated: Arrears | None = facts["stated"]
    if stated is None:
        return lazy("Say whether there are any.")
    if verdict is Verdict.BAD:
        return lazy("Explain them in a sentence or two.")
    return {
        Arrears.NONE: lazy("None."),
        Arrears.IN_INSTALMENTS: lazy("Being paid in instalments, as explained."),
        Arrears.OPEN: lazy("Open, as explained. Officers weigh it."),
    }[stated]


def _late(facts: dict[str, Any], verdict: Verdict, locale: str) -> Text:
    count: int = facts["count"]
    if not count:
        return lazy("Every paper was entered in time.")
    if verdict is Verdict.OK:
        return lazy_n(
            "%(count)s paper was entered late; your reason goes with the claim.",
            "%(count)s papers were entered late; your reason goes with the claim.",
            count,
        )
    return lazy_n(
        "%(count)s paper was entered late. Say why.", "%(count)s papers were entered late. Say why.", count
    )


def _evidence(facts: dict[str, Any], verdict: Verdict, locale: str) -> Text:
    if facts["count"]:
        return lazy_n(
            "%(count)s local line has no paper that is enough, so it will not count.",
            "%(count)s local lines have no paper that is enough, so they will not count.",
            facts["count"],
        )
    if facts["waiting"]:
        return lazy_n(
            "%(count)s photo is still being looked at by the machine.",
            "%(count)s photos are still being looked at by the machine.",
            facts["waiting"],
        )
    return lazy("Every local line has its paper.")


def _confirmations(facts: dict[str, Any], verdict: Verdict, locale: str) -> Text:
    if facts["count"]:
        return lazy_n(
            "%(count)s local line is not confirmed by its supplier, so it will not count.",
            "%(count)s local lines are not confirmed by their suppliers, so they will not count.",
            facts["count"],
        )
    return lazy("Every local line is confirmed.")


_WORDS: Final[dict[Check, Callable[[dict[str, Any], Verdict, str], Text]]] = {
    Check.WINDOW: _window,
    Check.LINES: _lines,
    Check.CATEGORIES: _categories,
    Check.BOOKS: _books,
    Check.TAX: _tax,
    Check.COMPLIANCE: _compliance,
    Check.ARREARS: _arrears,
    Check.LATE: _late,
    Check.EVIDENCE: _evidence,
    Check.CONFIRMATIONS: _confirmations,
}
