"""A rule version in plain sentences: what counts, how much, from which share on, and within which limits."""

from __future__ import annotations

from market.claims.hotel_pages.words import INSTRUMENTS, category
from market.claims.rule_versions import RuleVersion
from market.i18n import formats
from market.i18n.messages import translate
from market.places import areas
from market.values.text import Text, lazy


def sentences(rule: RuleVersion, locale: str) -> list[str]:
    """The rule as a list of sentences, the most important first."""
    found: list[Text] = [
        lazy(
            "A hotel's local share is what it bought here, divided by everything it bought in %(categories)s in"
            " one month, without VAT and less credit notes.",
            categories=", ".join(category(code, locale).lower() for code in rule.in_scope_categories),
        ),
        lazy(
            "Goods grown or made here with mostly local material count %(a)s (class A), goods made here from"
            " outside material %(b)s (B), outside goods sold by a local business %(c)s (C), anything else"
            " %(x)s. Who sells them does not matter; where they come from is decided by officers.",
            a=_bp(rule.weights_bp.a, locale),
            b=_bp(rule.weights_bp.b, locale),
            c=_bp(rule.weights_bp.c, locale),
            x=_bp(rule.weights_bp.x, locale),
        ),
        lazy(
            "“Here” is %(places)s.",
            places=", ".join(_place(code) for code in rule.locality_prefixes),
        ),
        *(
            lazy(
                "From a share of %(share)s on, a hotel gets %(rate)s of the month's %(tax)s back.",
                share=_bp(tier.min_share_bp, locale),
                rate=_bp(tier.rate_bp, locale),
                tax=_inside(translate(INSTRUMENTS[rule.tax_instrument], locale)),
            )
            for tier in rule.tiers
        ),
        *(
            lazy(
                "In %(category)s alone the share must reach %(share)s.",
                category=category(code, locale).lower(),
                share=_bp(least, locale),
            )
            for code, least in rule.category_minimums
        ),
        lazy(
            "A purchase counts only with its paper and its supplier's yes, and never from a related business."
            " Up to %(limit)s a simple receipt is enough.",
            limit=formats.money(rule.evidence_limit, locale),
        ),
        lazy(
            "One supplier makes up at most %(cap)s of the local purchases.",
            cap=_bp(rule.supplier_cap_bp, locale),
        ),
        *_limits(rule, locale),
        lazy(
            "A claim is made within %(days)s days after the month. Two officers drawn by lot decide, and a third"
            " person looks at %(percent)s of the awards, every award over %(over)s and each hotel's first.",
            days=rule.claim_window_days,
            percent=formats.percent(rule.audit.percent, locale),
            over=formats.money(rule.audit.always_over, locale),
        ),
    ]
    return [translate(text, locale) for text in found]


def _limits(rule: RuleVersion, locale: str) -> list[Text]:
    found = [
        lazy(
            "A month needs purchases of at least %(least)s.",
            least=formats.money(rule.min_period_spend, locale),
        )
    ]
    if rule.cap_period is not None:
        found.append(
            lazy("A month brings at most %(most)s.", most=formats.money(rule.cap_period, locale)),
        )
    if rule.cap_year is not None:
        found.append(lazy("A year brings at most %(most)s.", most=formats.money(rule.cap_year, locale)))
    if rule.programme_budget is not None:
        found.append(
            lazy(
                "The programme has %(budget)s a month; when awards need more, all shrink in proportion.",
                budget=formats.money(rule.programme_budget, locale),
            )
        )
    return found


def _inside(words: str) -> str:
    """Words that begin a line elsewhere, inside a sentence."""
    return words[:1].lower() + words[1:]


def _bp(value: int, locale: str) -> str:
    return formats.basis_points(value, locale)


def _place(code: str) -> str:
    return areas.get(code).name if areas.exists(code) else code
