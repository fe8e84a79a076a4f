"""Rule versions as plain JSON and back: what the public file carries and what the rule editor stores.

`parse_rule(rule_as_json(rule)) == rule` for every rule. Every wrong field is one `BadField` with its path.
What the fields mean stands with `RuleVersion`.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from typing import Any

from market.claims import checked_json as checked
from market.claims.checked_json import BadField
from market.claims.lines import Origin
from market.claims.rule_versions import (
    WHOLE_BP,
    Audit,
    CategoryMinimum,
    RuleVersion,
    TaxInstrument,
    Tier,
    Weights,
)

_KEYS = frozenset(field.name for field in dataclasses.fields(RuleVersion))
_AUDIT_KEYS = frozenset(Audit._fields)
_TIER_KEYS = frozenset(Tier._fields)
_ORIGINS = frozenset(origin.value for origin in Origin)
_PLACE = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?", re.ASCII)
_CATEGORY = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)
_MOST_DAYS = 3_660


def category_code(written: str) -> str:
    """The code of a category name: "Building material" and "building-material" are building_material."""
    return re.sub(r"[\s_-]+", "_", written.strip().lower())


def rule_as_json(rule: RuleVersion) -> dict[str, Any]:
    """The rule as JSON values; key order is the order of the fields."""
    plain = {field.name: _plain(getattr(rule, field.name)) for field in dataclasses.fields(rule)}
    return plain | {"category_minimums": dict(rule.category_minimums)}


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case Weights():
            return {origin.value: value.of(origin) for origin in Origin}
        case Audit():
            return value._asdict()
        case tuple():
            return [list(item) if isinstance(item, Tier) else item for item in value]
        case _:
            return value


def parse_rule(value: object, path: str = "rule") -> RuleVersion:
    """A rule version from JSON values. Raises BadField for the first thing that is not right."""
    found = checked.record(value, path, required=_KEYS, optional=frozenset())

    def at(key: str) -> tuple[object, str]:
        return found[key], checked.below(path, key)

    in_scope = _categories(*at("in_scope_categories"))
    if not in_scope:
        raise BadField(checked.below(path, "in_scope_categories"), "must name at least one category")
    rule = RuleVersion(
        version=checked.text(*at("version")),
        effective_from=checked.day(*at("effective_from")),
        effective_to=None if found["effective_to"] is None else checked.day(*at("effective_to")),
        legal_basis=checked.text(*at("legal_basis")),
        tax_instrument=TaxInstrument(checked.choice(*at("tax_instrument"), tuple(TaxInstrument))),
        locality_prefixes=_places(*at("locality_prefixes")),
        in_scope_categories=in_scope,
        excluded_categories=_categories(*at("excluded_categories")),
        category_minimums=_minimums(*at("category_minimums"), in_scope),
        weights_bp=_weights(*at("weights_bp")),
        tiers=_tiers(*at("tiers")),
        min_period_spend=checked.integer(*at("min_period_spend")),
        cap_period=_limit(*at("cap_period")),
        cap_year=_limit(*at("cap_year")),
        programme_budget=_limit(*at("programme_budget")),
        supplier_cap_bp=checked.integer(*at("supplier_cap_bp"), low=1, high=WHOLE_BP),
        evidence_limit=checked.integer(*at("evidence_limit")),
        confirm_required_from=checked.integer(*at("confirm_required_from")),
        late_entry_days=checked.integer(*at("late_entry_days"), high=_MOST_DAYS),
        claim_window_days=checked.integer(*at("claim_window_days"), high=_MOST_DAYS),
        audit=_audit(*at("audit")),
    )
    if rule.effective_to is not None and rule.effective_to < rule.effective_from:
        raise BadField(checked.below(path, "effective_to"), "lies before effective_from")
    if both := set(rule.in_scope_categories) & set(rule.excluded_categories):
        raise BadField(checked.below(path, "excluded_categories"), f"{min(both)} is also in scope")
    return rule


def _limit(value: object, path: str) -> int | None:
    return None if value is None else checked.integer(value, path)


def _categories(value: object, path: str) -> tuple[str, ...]:
    found: list[str] = []
    for index, item in enumerate(checked.sequence(value, path)):
        here = f"{path}[{index}]"
        code = category_code(checked.text(item, here))
        if not _CATEGORY.fullmatch(code):
            raise BadField(here, "must be a category code: letters, digits and underscores")
        if code in found:
            raise BadField(here, f"{code} stands here more than once")
        found.append(code)
    return tuple(found)


def _places(value: object, path: str) -> tuple[str, ...]:
    found = checked.sequence(value, path)
    if not found:
        raise BadField(path, "must name at least one place code")
    for index, item in enumerate(found):
        if not isinstance(item, str) or not _PLACE.fullmatch(item):
            checked.refuse(f"{path}[{index}]", item, "must be a place code such as 53 or 53.71")
    return tuple(found)


def _minimums(value: object, path: str, in_scope: tuple[str, ...]) -> tuple[CategoryMinimum, ...]:
    if not isinstance(value, dict):
        checked.refuse(path, value, "must be an object of category and basis points")
    found: list[CategoryMinimum] = []
    for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
        here = checked.below(path, str(key))
        code = category_code(str(key))
        if code not in in_scope:
            raise BadField(here, "is not a category in scope")
        if any(code == minimum.category for minimum in found):
            raise BadField(here, "stands here more than once")
        found.append(CategoryMinimum(code, checked.integer(item, here, low=1, high=WHOLE_BP)))
    return tuple(found)


def _weights(value: object, path: str) -> Weights:
    found = checked.record(value, path, required=_ORIGINS, optional=frozenset())
    weights = {
        key.lower(): checked.integer(item, checked.below(path, key), high=WHOLE_BP)
        for key, item in found.items()
    }
    return Weights(**weights)


def _tiers(value: object, path: str) -> tuple[Tier, ...]:
    found: list[Tier] = []
    for index, item in enumerate(checked.sequence(value, path)):
        here = f"{path}[{index}]"
        tier = _tier(item, here)
        if found and not (tier.min_share_bp > found[-1].min_share_bp and tier.rate_bp >= found[-1].rate_bp):
            raise BadField(here, "must ask for more than the tier before it and give no less")
        found.append(tier)
    return tuple(found)


def _tier(value: object, path: str) -> Tier:
    """A tier as [min_share_bp, rate_bp], or as an object with these two keys."""
    if isinstance(value, dict):
        named = checked.record(value, path, required=_TIER_KEYS, optional=frozenset())
        share, rate = named["min_share_bp"], named["rate_bp"]
    else:
        pair = checked.sequence(value, path)
        if len(pair) != 2:
            raise BadField(path, "must be [min_share_bp, rate_bp]")
        share, rate = pair
    return Tier(
        checked.integer(share, f"{path}.min_share_bp", low=1, high=WHOLE_BP),
        checked.integer(rate, f"{path}.rate_bp", high=WHOLE_BP),
    )


def _audit(value: object, path: str) -> Audit:
    found = checked.record(value, path, required=_AUDIT_KEYS, optional=frozenset())
    return Audit(
        percent=checked.integer(found["percent"], f"{path}.percent", high=100),
        always_over=checked.integer(found["always_over"], f"{path}.always_over"),
        first_claim=checked.boolean(found["first_claim"], f"{path}.first_claim"),
    )
