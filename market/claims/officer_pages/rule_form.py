"""A rule version as a form and as rows to compare: one text field a setting, and back through `rule_json`.

What a setting may be is decided there; this only spells lists and pairs the way people type them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, cast

from market.claims.checked_json import BadField
from market.claims.lines import Origin
from market.claims.rule_json import parse_rule, rule_as_json
from market.claims.rule_versions import RuleVersion
from market.values.text import Text, lazy


class Setting(NamedTuple):
    """A setting of a rule: its field, its words, and how it is spelled."""

    name: str
    label: Text
    kind: str
    hint: Text | None = None


_PERCENT: Final = lazy("In per cent, for example 12.5.")
_COMMAS: Final = lazy("Separated by commas.")
_NONE: Final = lazy("Leave empty for none.")
SETTINGS: Final = (
    Setting("version", lazy("Name of the version"), "text", lazy("Short, for example R2.")),
    Setting("effective_from", lazy("In force from"), "day", lazy("The first day of a month to come.")),
    Setting("effective_to", lazy("In force until"), "day?", lazy("Leave empty: a later version ends it.")),
    Setting("legal_basis", lazy("Legal basis"), "text"),
    Setting("tax_instrument", lazy("What the award reduces"), "choice"),
    Setting(
        "locality_prefixes", lazy("Local places (codes)"), "list", lazy("Separated by commas; 53 is NTT.")
    ),
    Setting("in_scope_categories", lazy("Categories in scope"), "list", _COMMAS),
    Setting("excluded_categories", lazy("Categories left out"), "list", _COMMAS),
    Setting(
        "category_minimums",
        lazy("Least local share by category"),
        "minimums",
        lazy("In per cent, for example food=20."),
    ),
    Setting("weights_a", lazy("Weight of class A"), "percent", _PERCENT),
    Setting("weights_b", lazy("Weight of class B"), "percent", _PERCENT),
    Setting("weights_c", lazy("Weight of class C"), "percent", _PERCENT),
    Setting("weights_x", lazy("Weight of class X"), "percent", _PERCENT),
    Setting("tiers", lazy("Tiers"), "tiers", lazy("Share=rate in per cent, for example 20=5, 30=10.")),
    Setting("min_period_spend", lazy("Least purchases of a month (Rp)"), "number"),
    Setting("cap_period", lazy("Most a month can bring (Rp)"), "number?", _NONE),
    Setting("cap_year", lazy("Most a year can bring (Rp)"), "number?", _NONE),
    Setting("programme_budget", lazy("Budget of the programme (Rp)"), "number?", _NONE),
    Setting("supplier_cap_bp", lazy("Most of the local value from one supplier"), "percent", _PERCENT),
    Setting("evidence_limit", lazy("A plain receipt is enough up to (Rp)"), "number"),
    Setting(
        "confirm_required_from", lazy("Supplier's yes needed from (Rp)"), "number", lazy("0: for every line.")
    ),
    Setting("late_entry_days", lazy("Days to enter a purchase"), "number"),
    Setting("claim_window_days", lazy("Days to claim after the month"), "number"),
    Setting("audit_percent", lazy("Audited by lot (per cent)"), "number"),
    Setting("audit_always_over", lazy("Always audited above (Rp)"), "number"),
    Setting("audit_first_claim", lazy("A hotel's first claim is audited"), "flag"),
)
_DIGITS: Final = re.compile(r"[.,\s]")
_PARTS: Final = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?\s*%?", re.ASCII)
# A comma parts two pairs where a space follows; in 20=5, 30=10,5 the last one is a decimal comma.
_BETWEEN: Final = re.compile(r";|,\s+")


def values_of(rule: RuleVersion) -> dict[str, str]:
    """A rule as the form shows it."""
    plain = rule_as_json(rule)
    flat: dict[str, Any] = {
        **plain,
        **{f"weights_{origin.value.lower()}": plain["weights_bp"][origin.value] for origin in Origin},
        **{f"audit_{name}": value for name, value in plain["audit"].items()},
    }
    return {setting.name: _written(flat[setting.name], setting.kind) for setting in SETTINGS}


def _written(value: Any, kind: str) -> str:
    match value:
        case dict():
            pairs = cast("dict[str, int]", value)
            return ", ".join(f"{key}={percent(least)}" for key, least in pairs.items())
        case list() if kind == "tiers":
            return ", ".join("=".join(map(percent, tier)) for tier in cast("list[list[int]]", value))
        case list():
            return ", ".join(map(str, cast("list[str]", value)))
        case bool():
            return "yes" if value else "no"
        case _:
            return percent(value) if kind == "percent" else str("" if value is None else value)


def percent(basis_points: int) -> str:
    """Basis points as people type them: 1250 is 12.5."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".")


def rule_of(typed: Mapping[str, str]) -> RuleVersion:
    """The rule that was typed. Raises BadField, whose path `field_of` turns into a field's name."""
    found = {setting.name: _read(typed.get(setting.name, "").strip(), setting.kind) for setting in SETTINGS}
    weights = {origin.value: found.pop(f"weights_{origin.value.lower()}") for origin in Origin}
    audit = {name: found.pop(f"audit_{name}") for name in ("percent", "always_over", "first_claim")}
    minimums = found.pop("category_minimums")
    tiers = found.pop("tiers")
    body = {
        **found,
        "weights_bp": weights,
        "audit": audit,
        "category_minimums": dict(minimums) if isinstance(minimums, list) else minimums,
        "tiers": [[_basis_points(share), rate] for share, rate in tiers]
        if isinstance(tiers, list)
        else tiers,
    }
    return parse_rule(body, "")


def _read(text: str, kind: str) -> Any:
    if kind.endswith("?") and not text:
        return None
    return _READERS.get(kind.removesuffix("?"), str)(text)


def _listed(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _pairs(text: str) -> list[tuple[str, Any]] | str:
    found: list[tuple[str, Any]] = []
    for part in _BETWEEN.split(text):
        if part.strip():
            left, sign, right = part.partition("=")
            if not sign:
                return text
            found.append((left.strip(), _basis_points(right)))
    return found


def _basis_points(text: str) -> int | str:
    found = _PARTS.fullmatch(text.strip())
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else text


def _whole(text: str) -> int | str:
    digits = _DIGITS.sub("", text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 17 else text


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "number": _whole,
    "percent": _basis_points,
    "list": _listed,
    "minimums": _pairs,
    "tiers": _pairs,
    "flag": lambda text: {"yes": True, "no": False}.get(text, text),
}


def field_of(bad: BadField) -> str:
    """The form's field that a wrong setting belongs to."""
    head, _, rest = (bad.field or "").partition(".")
    head = head.split("[")[0]
    if head == "weights_bp":
        return f"weights_{rest.lower()}" if rest else "weights_a"
    if head == "audit":
        return f"audit_{rest}" if rest else "audit_percent"
    return head if any(setting.name == head for setting in SETTINGS) else "version"
