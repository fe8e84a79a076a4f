"""Reading a query string that may hold anything: what is wrong is taken out and reported, the rest is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from market.web import forms

M = TypeVar("M", bound=forms.Inbound)


def read(model: type[M], raw: Mapping[str, list[str]], locale: str) -> tuple[M, list[tuple[str, str]]]:
    """The usable part of a query string, and (field, message) for every value that was left out.

    Every field of `model` needs a default.
    """
    left, problems = dict(raw), list[tuple[str, str]]()
    parsed = forms.parse(model, left, locale)
    while parsed.data is None:
        wrong = {name for name, _ in parsed.errors}
        problems += parsed.errors
        left = {name: values for name, values in left.items() if name not in wrong}
        parsed = forms.parse(model, left, locale) if wrong else forms.parse(model, {}, locale)
    return parsed.data, problems
