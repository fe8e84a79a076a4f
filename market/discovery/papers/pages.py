"""About, terms and privacy: words that hold for the whole site, with the numbers that the code goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from market.bookings.policies import NAMES, POLICIES, describe
from market.discovery.papers.kept import Kept, register
from market.values.text import Text, lazy
from market.web.render import render, words
from market.web.request import settings


@dataclass(frozen=True, slots=True)
class About:
    """Context of discovery/about.html."""

    brand: str
    city: str


@dataclass(frozen=True, slots=True)
class PolicyWords:
    """A cancellation policy: its name and its tiers, best first."""

    name: Text
    lines: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Terms:
    """Context of discovery/terms.html."""

    brand: str
    policies: Sequence[PolicyWords]


@dataclass(frozen=True, slots=True)
class Privacy:
    """Context of discovery/privacy.html."""

    brand: str
    kept: Sequence[Kept]


async def about(request: Request) -> Response:
    """Who runs this, for whom, and what makes it different."""
    config = settings(request)
    title = words(request, lazy("About %(brand)s", brand=config.brand))
    description = words(request, lazy("A marketplace that a city and its villages run themselves."))
    context = About(config.brand, config.city)
    return render(request, "discovery/about.html", context, title=title, description=description, keep=True)


async def terms(request: Request) -> Response:
    """What guests and hosts can rely on."""
    described = [PolicyWords(NAMES[key], describe(policy)) for key, policy in POLICIES.items()]
    title = words(request, lazy("Terms of booking"))
    description = words(request, lazy("Prices, payment, changes and cancellation, in plain words."))
    context = Terms(settings(request).brand, described)
    return render(request, "discovery/terms.html", context, title=title, description=description, keep=True)


async def privacy(request: Request) -> Response:
    """What is kept of people, why and how long, and what they may ask for."""
    config = settings(request)
    title = words(request, lazy("What we keep about you"))
    description = words(request, lazy("Which personal data this site keeps, why, and when they are erased."))
    context = Privacy(config.brand, register(config.register_keep_days))
    return render(request, "discovery/privacy.html", context, title=title, description=description, keep=True)
