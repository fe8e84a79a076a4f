"""Choosing a language for somebody who has not chosen: what the browser prefers, Indonesian otherwise."""

from __future__ import annotations

from market.i18n.locales import DEFAULT, LOCALES


def negotiate(accept_language: str) -> str:
    """The best of our languages for an Accept-Language header; the default when none fits."""
    wanted: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept_language[:500].split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        wanted.append((-weight, position, tag.split("-")[0].lower()))
    for weight, _, language in sorted(wanted):
        # Browsers still send the old code `in` for Indonesian.
        code = "id" if language in {"in", "ms"} else language
        if weight < 0 and code in LOCALES:
            return code
    return DEFAULT
