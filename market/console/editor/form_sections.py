"""A section of the editor that is one form, and how its choices are worded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from market.console.editor.controls import Around, Control, Option
from market.i18n.messages import translate
from market.listings.drafts import ListingDraft
from market.values.text import Text
from market.web.forms import Form, Inbound, filled, parse

F = TypeVar("F", bound=Inbound)


@dataclass(frozen=True, slots=True)
class FormSection(Generic[F]):
    """One form about one aspect of a listing."""

    name: str
    title: Text
    intro: Text
    model: type[F]
    layout: tuple[tuple[Control, ...], ...]
    read: Callable[[ListingDraft], dict[str, Any]]
    write: Callable[[ListingDraft, F], ListingDraft]

    @property
    def controls(self) -> list[Control]:
        return [control for line in self.layout for control in line]

    def form(self, draft: ListingDraft) -> Form[Any]:
        return filled(self.read(draft))

    def parse(self, raw: Mapping[str, list[str]], locale: str) -> Form[F]:
        return parse(self.model, raw, locale)


def options_of(names: Mapping[str, Text]) -> Callable[[Around], list[Option]]:
    """Keys with their names, in the reader's language."""
    return lambda around: [(key, translate(text, around.locale)) for key, text in names.items()]
