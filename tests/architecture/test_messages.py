"""Both languages are complete: every text has words, and the placeholders match."""

from __future__ import annotations

import pytest

from locales import collect


@pytest.fixture(scope="module", params=collect.TRANSLATED)
def catalogue(request):
    return collect.updated(request.param)


def test_every_text_has_words(catalogue):
    assert collect.missing(catalogue) == []


def test_placeholders_are_the_same(catalogue):
    assert collect.mismatched(catalogue) == []


def test_the_catalogue_in_the_tree_is_up_to_date(catalogue):
    kept = {str(m.id) for m in collect.catalogue_of(str(catalogue.locale)) if m.id}
    assert kept == {str(m.id) for m in catalogue if m.id}, "run `make messages`"


def test_the_collection_finds_code_templates_and_mails(catalogue):
    places = {location[0].rsplit(".", 1)[-1] for message in catalogue for location in message.locations}
    assert {"py", "html", "txt"} <= places
