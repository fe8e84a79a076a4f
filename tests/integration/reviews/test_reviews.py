"""Reviews of both sides: sealed, shown together, answered, reported, hidden; and the stars that follow."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from market import clock, db
from market.accounts import taking_along
from market.bookings import service as bookings
from market.bookings.rows import BookingRow, get
from market.errors import Invalid, NotFound, Refused
from market.outbox import worker
from market.outbox.tools import Tools
from market.reviews import queries, service
from market.reviews.rules import Reason, Side
from market.reviews.service import AlreadyAnswered, WindowClosed
from tests import factories
from tests.integration.bookings import flows
from tests.web import follow, post_form, sign_in, submit

WORDS = "We laughed a lot and learned to weave."
HTML = {"accept": "text/html"}


@dataclass
class Visit:
    """A visit that is over, with its window open."""

    booking: BookingRow
    host: Any
    rosa: Any

    @property
    def page(self) -> str:
        return f"/en/bookings/{self.booking.reference}/review"

    async def write(self, side: Side, *, stars: int = 5, body: str = WORDS, days: int = 0) -> bool:
        return await service.write(
            self.booking,
            side=side,
            stars=stars,
            notes={"welcome": 5, "nonsense": 3},
            body=body,
            locale="en",
            author="Hannah W." if side is Side.GUEST else "Mama Rosalina",
            person_id=None,
            now=clock.now() + timedelta(days=days),
        )

    async def stars(self) -> tuple[int, int]:
        row = await db.fetch_one(
            "SELECT rating_sum, rating_count FROM listing WHERE id = $1", self.booking.listing_id
        )
        assert row
        return row["rating_sum"], row["rating_count"]


@pytest.fixture
async def visit(app: Starlette, tools: Tools) -> AsyncGenerator[Visit]:
    rosa = await factories.make_person(name="Rosa", email="rosa@example.test")
    host = await factories.make_host(person=rosa)
    listing = await factories.make_listing(host_id=host.id)
    booking = await flows.confirmed(listing, await factories.make_start(listing), tools)
    with clock.frozen(booking.starts_at + timedelta(days=3)):
        assert await bookings.complete(booking.reference, clock.now())
        await worker.drain(tools)
        yield Visit(await get(booking.reference), host, rosa)


def browser(app: Starlette) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=HTML)


async def subjects(address: str) -> list[str]:
    rows = await db.fetch("SELECT subject FROM delivery WHERE recipient = $1 ORDER BY id", address)
    return [row["subject"] for row in rows]


async def test_both_sides_are_invited_and_reminded_once(visit: Visit, tools: Tools):
    assert "How was it? Weaving buna" in await subjects("hannah@example.test")
    assert "How was your guest Hannah Weber?" in await subjects("rosa@example.test")
    await visit.write(Side.HOST)
    for _ in range(2):
        assert await service.remind_due(clock.now() + timedelta(days=7)) in {0, 1}
        await worker.drain(tools)
    again = [text for text in await subjects("hannah@example.test") if text.startswith("A last reminder")]
    assert len(again) == 1
    assert not [text for text in await subjects("rosa@example.test") if text.startswith("A last reminder")]


async def test_one_side_alone_stays_sealed_everywhere(visit: Visit, app: Starlette):
    assert await visit.write(Side.GUEST, stars=1) is False
    assert await visit.stars() == (0, 0)
    assert await queries.list_reviews(visit.booking.listing_id, "en", limit=9) == []
    assert await queries.count_for_host([visit.host.id]) == (0, 0)
    async with browser(app) as host:
        await sign_in(host, visit.rosa.id)
        page = await host.get(visit.page)
        assert "The other side has written." in page.text
        assert WORDS not in page.text


async def test_what_is_sealed_may_be_changed_and_both_are_shown_together(visit: Visit):
    await visit.write(Side.GUEST, stars=1)
    await visit.write(Side.GUEST, stars=4)
    assert await visit.write(Side.HOST, stars=5) is True
    assert await visit.stars() == (4, 1)
    [shown] = await queries.list_reviews(visit.booking.listing_id, "en", limit=9)
    assert (shown.stars, shown.author, shown.body) == (4, "Hannah W.", WORDS)
    with pytest.raises(WindowClosed):
        await visit.write(Side.GUEST, stars=5)
    [guest] = [one for one in await queries.written_about(visit.booking.id) if one.side == Side.GUEST]
    assert guest.notes == {"welcome": 5}


async def test_after_two_weeks_what_there_is_is_shown(visit: Visit):
    await visit.write(Side.GUEST, stars=3)
    assert await service.close_due(clock.now() + timedelta(days=14) - timedelta(seconds=1)) == 0
    assert await service.close_due(clock.now() + timedelta(days=14)) == 1
    assert await service.close_due(clock.now() + timedelta(days=15)) == 0
    assert await visit.stars() == (3, 1)
    with pytest.raises(WindowClosed):
        await visit.write(Side.HOST, days=15)


async def test_contact_details_and_short_words_are_not_taken(visit: Visit):
    with pytest.raises(Invalid):
        await visit.write(Side.GUEST, body="https://example.test/a-very-long-address")
    await visit.write(Side.GUEST, body=f"{WORDS} Call +62 812 3456 7890.")
    [one] = await queries.written_about(visit.booking.id)
    assert "812" not in one.body


async def published(visit: Visit) -> int:
    await visit.write(Side.GUEST, stars=2)
    await visit.write(Side.HOST, stars=5)
    return next(one.id for one in await queries.written_about(visit.booking.id) if one.side == Side.GUEST)


async def test_a_host_answers_once_and_only_their_own(visit: Visit):
    review, now = await published(visit), clock.now()
    with pytest.raises(NotFound):
        await service.reply(review, host_ids=[0], body="Thanks", locale="id", by=visit.rosa.id, now=now)
    await service.reply(
        review, host_ids=[visit.host.id], body="Terima kasih!", locale="id", by=visit.rosa.id, now=now
    )
    with pytest.raises(AlreadyAnswered):
        await service.reply(
            review, host_ids=[visit.host.id], body="Again", locale="id", by=visit.rosa.id, now=now
        )
    [shown] = await queries.list_reviews(visit.booking.listing_id, "en", limit=9)
    assert (shown.reply, shown.reply_locale) == ("Terima kasih!", "id")


async def test_a_sealed_review_cannot_be_answered_or_reported(visit: Visit):
    await visit.write(Side.GUEST)
    [sealed] = await queries.written_about(visit.booking.id)
    person = await factories.make_person()
    with pytest.raises(NotFound):
        await service.reply(
            sealed.id, host_ids=[visit.host.id], body="Hm", locale="en", by=visit.rosa.id, now=clock.now()
        )
    with pytest.raises(NotFound):
        await service.report(sealed.id, by=person.id, reason=Reason.OTHER, body="", now=clock.now())


async def test_hiding_takes_the_stars_along_and_restoring_brings_them_back(visit: Visit, tools: Tools):
    review, now = await published(visit), clock.now()
    reporter, operator = await factories.make_person(), await factories.make_person()
    assert await service.report(review, by=reporter.id, reason=Reason.UNTRUE, body="No", now=now)
    assert not await service.report(review, by=reporter.id, reason=Reason.UNTRUE, body="No", now=now)
    assert await queries.count_reported() == 1
    await service.hide(review, by=operator.id, reason="It names a child.", now=now)
    with pytest.raises(Refused):
        await service.hide(review, by=operator.id, reason="Again", now=now)
    assert await visit.stars() == (0, 0)
    assert await queries.list_reviews(visit.booking.listing_id, "en", limit=9) == []
    await worker.drain(tools)
    assert "Your review was taken down" in await subjects("hannah@example.test")
    await service.restore(review, by=operator.id, reason="It was edited.", now=now)
    assert await visit.stars() == (2, 1)
    assert await queries.count_reported() == 0
    acts = await db.fetch("SELECT act FROM review_act WHERE review_id = $1 ORDER BY id", review)
    assert [row["act"] for row in acts] == ["published", "hidden", "restored"]


async def test_a_no_show_has_no_reviews(visit: Visit):
    await db.execute("UPDATE booking SET state = 'no_show'")
    await db.execute("DELETE FROM review_window")
    assert not await service.open_window(visit.booking.reference, clock.now())


async def test_a_guest_without_an_account_writes_by_the_mailed_link(visit: Visit, app: Starlette):
    row = await db.fetch_one(
        "SELECT body FROM delivery WHERE recipient = 'hannah@example.test' AND subject LIKE 'How was it%'"
    )
    assert row
    link = next(line for line in row["body"].splitlines() if "/review" in line)
    async with browser(app) as guest:
        assert (await guest.get(visit.page)).status_code == 404
        page = await follow(guest, await guest.get(link.removeprefix("http://testserver")))
        assert page.status_code == 200
        wrong = await submit(guest, page, {"body": "Short"}, action="/review")
        assert wrong.status_code == 422
        assert "Choose from one to five stars." in wrong.text
        done = await submit(guest, page, {"stars": "5", "body": WORDS, "value": "4"}, action="/review")
        assert "It stays sealed" in (await follow(guest, done)).text
        shown = await guest.get(f"/en/bookings/{visit.booking.reference}")
        assert "Write a review" in shown.text


async def test_hosts_and_operators_work_on_their_pages(visit: Visit, app: Starlette):
    operator, reader = await factories.make_person(), await factories.make_person()
    await factories.make_member(operator, "operator")
    async with browser(app) as host:
        await sign_in(host, visit.rosa.id)
        assert "Guests to write about" in (await host.get("/en/host/reviews")).text
        review = await published(visit)
        empty = await post_form(host, "/en/host/reviews", {"body": ""}, action=f"/reviews/{review}")
        assert empty.status_code == 422
        sent = await post_form(host, "/en/host/reviews", {"body": "Thank you"}, action=f"/reviews/{review}")
        assert "Your answer stands" in (await follow(host, sent)).text
    async with browser(app) as other:
        slug = (await db.fetch_one("SELECT slug FROM listing"))["slug"]  # type: ignore[index]
        page = await other.get(f"/en/listings/{slug}")
        assert "Thank you" in page.text
        assert f"/en/reviews/{review}/report" in page.text
        assert (await other.get(f"/en/reviews/{review}/report")).status_code == 303
        await sign_in(other, reader.id)
        refused = await post_form(other, f"/en/reviews/{review}/report", {}, action="/report")
        assert refused.status_code == 422
        await post_form(other, f"/en/reviews/{review}/report", {"reason": "untrue"}, action="/report")
    async with browser(app) as desk:
        await sign_in(desk, operator.id)
        page = await desk.get("/en/operator/reviews")
        assert WORDS in page.text
        wrong = await post_form(desk, "/en/operator/reviews", {"act": "hide"}, action=f"/{review}")
        assert wrong.status_code == 422
        await post_form(
            desk, "/en/operator/reviews", {"act": "hide", "reason": "Not true"}, action=f"/{review}"
        )
        assert await visit.stars() == (0, 0)


async def test_a_forgotten_guest_leaves_words_without_a_name(visit: Visit):
    await published(visit)
    await service.forget_guest(visit.booking.reference)
    both = {one.side: one for one in await queries.written_about(visit.booking.id)}
    assert (both["guest"].author, both["guest"].body) == ("", WORDS)
    assert both["host"].body == ""
    [shown] = await queries.list_reviews(visit.booking.listing_id, "en", limit=9)
    assert shown.author == ""


async def test_a_person_takes_their_reviews_along_but_not_what_is_sealed(visit: Visit):
    person = await factories.make_person(email="hannah@example.test")
    await visit.write(Side.HOST, body="Quiet and friendly guests, welcome again.")
    before = await taking_along.everything(person.id)
    assert before["reviews"] == []
    await visit.write(Side.GUEST)
    after = await taking_along.everything(person.id)
    assert sorted(one["side"] for one in after["reviews"]) == ["guest", "host"]


async def test_hosts_know_how_a_guest_was_with_others(visit: Visit):
    person = await factories.make_person()
    await db.execute("UPDATE booking SET person_id = $1", person.id)
    await visit.write(Side.HOST, stars=4)
    assert await queries.reputations([person.id]) == {}  # sealed
    await visit.write(Side.GUEST)
    known = (await queries.reputations([person.id, None]))[person.id]
    assert (known.count, known.stars, known.tenths) == (1, 4, 40)
    assert len(known.words) == 1
    [shown] = [one for one in await queries.written_about(visit.booking.id) if one.side == "host"]
    await service.hide(shown.id, by=person.id, reason="Untrue", now=clock.now())
    assert await queries.reputations([person.id]) == {}
