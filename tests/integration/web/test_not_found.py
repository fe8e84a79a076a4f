"""Addresses that nobody has: a page in the visitor's language, whoever asks."""

from __future__ import annotations

import httpx
import pytest

from market import clock
from market.notifications.models import Notice
from tests import factories
from tests.web import sign_in

WRONG = ("/favicon.ico", "/favicon.ico/", "/de/", "/de/search", "/nothing", "/en/nothing")
TITLE = "Page not found"


@pytest.mark.parametrize("path", WRONG)
async def test_a_visitor_reads_that_it_is_not_there(client: httpx.AsyncClient, path: str):
    answer = await client.get(path, headers={"accept-language": "en"}, follow_redirects=True)
    assert answer.status_code == 404
    assert TITLE in answer.text


@pytest.mark.parametrize("path", WRONG)
async def test_who_is_signed_in_reads_the_same(client: httpx.AsyncClient, path: str):
    """Their header shows numbers, which are written in the page's language: one that we speak."""
    person = await factories.make_person()
    await Notice.create(
        person_id=person.id, topic="booking", words={"en": "Paid"}, dedupe_key="paid", created_at=clock.now()
    )
    await sign_in(client, person.id)
    answer = await client.get(path, headers={"accept-language": "en"}, follow_redirects=True)
    assert answer.status_code == 404
    assert TITLE in answer.text
