"""What is another's does not exist: every route with somebody's object in its path, for own, other's and missing.

The audit below names each answer that is not "not found". Switching a guard off must make it name every route
that the guard protects; so a route that forgets its guard cannot pass here.
"""

from __future__ import annotations

import re

import httpx
import pytest
from starlette.applications import Starlette

from market import db
from market.app.routes import routes
from market.bookings import access
from market.outbox.tools import Tools
from market.payouts import fund
from market.web import csrf
from market.web.guards import GuardedRoute
from market.web.request import Viewer
from tests.security import world as worlds
from tests.security.world import Params, World
from tests.web import forms, sign_in

ROUTES = {route.name: route for route in routes() if isinstance(route, GuardedRoute)}

# Whose object the path names: family -> (who owns it, the routes).
OWNED: dict[str, tuple[str, tuple[str, ...]]] = {
    "booking": (
        "guest",
        (
            "messaging:thread",
            "messaging:write",
            "bookings:checkout",
            "bookings:check_out",
            "bookings:pay_return",
            "bookings:cancel",
            "bookings:cancel_now",
            "bookings:change",
            "bookings:change_now",
            "bookings:calendar",
            "bookings:journey",
            "bookings:choose",
            "bookings:choose_now",
            "bookings:pay",
            "bookings:withdraw",
            "bookings:show",
            "payouts:problem",
            "payouts:tell_problem",
        ),
    ),
    "message picture": ("guest", ("messaging:picture",)),
    "room": ("host", ("console:host_feed", "console:host_link_calendar")),
    "calendar link": ("host", ("console:host_calendar_link",)),
    "phrase": ("host", ("console:host_phrase", "console:host_change_phrase")),
    "message": ("guest", ("messaging:report",)),
    "guest stay": ("guest", ("register:prefill", "register:prefill_write")),
    "guest registered": ("guest", ("register:prefill_remove",)),
    "absent": ("guest", ("arrivals:contest", "arrivals:contest_now")),
    "visit": ("guest", ("reviews:write", "reviews:write_now")),
    "voucher": ("host", ("console:host_scan",)),
    "arriving": (
        "host",
        (
            "console:host_arrival",
            "console:host_check_in",
            "console:host_check_in_undo",
            "console:host_no_show",
        ),
    ),
    "registered guest": ("host", ("console:host_register_remove",)),
    "stay": (
        "host",
        (
            "console:host_register_stay",
            "console:host_register_write",
            "console:host_register_export",
            "console:host_register_report",
            "console:host_register_reopen",
            "console:host_register_none",
        ),
    ),
    "reviewed": ("host", ("console:host_review_reply",)),
    "host booking": (
        "host",
        (
            "console:host_answer",
            "console:host_paid",
            "console:host_hand_on",
            "console:host_cancel",
            "console:host_cancel_now",
        ),
    ),
    "host money": ("host", ("console:host_statement_pdf", "console:host_statement_csv")),
    "host account": ("host", ("console:host_account",)),
    "fund": ("host", ("payouts:fund_enter",)),
    "fund spending": ("host", ("payouts:fund_sign", "payouts:fund_withdraw")),
    "departure": ("host", ("console:host_departure", "console:host_waive")),
    "listing": (
        "host",
        (
            "console:host_listing",
            "console:host_status",
            "console:host_photos",
            "console:host_upload",
            "console:host_photo_work",
            "console:host_nights",
            "console:host_add_date",
            "console:host_dates",
            "console:host_promises",
            "console:host_promise",
        ),
    ),
    "section": ("host", ("console:host_section", "console:host_section_save")),
    "photo": ("host", ("console:host_photo",)),
    "tour": ("host", ("console:host_sleeping", "console:host_ask_house")),
    "promise": ("host", ("console:host_withdraw_promise",)),
    "team": ("host", ("console:host_invite", "console:host_hours")),
    "team member": ("host", ("console:host_member",)),
    "invitation": ("host", ("console:host_revoke",)),
    "consent": ("host", ("console:host_consent",)),
    "turns": ("host", ("console:host_take_part",)),
    "pool member": ("host", ("console:host_pool_member",)),
    "number": ("host", ("sms:host_log", "sms:host_stop")),
    "organisation": ("supplier", ("suppliers:open",)),
    "page": (
        "supplier",
        (
            "suppliers:edit",
            "suppliers:set_public",
            "suppliers:keepers",
            "suppliers:products",
            "suppliers:add_product",
            "suppliers:certificates",
        ),
    ),
    "own product": ("supplier", ("suppliers:edit_product", "suppliers:offer_product")),
    "certificate": ("supplier", ("suppliers:remove_certificate",)),
    "quotation": ("supplier", ("suppliers:request", "suppliers:answer", "suppliers:decline")),
    "hotel quotation": (
        "hotel",
        ("suppliers:quotation", "suppliers:accept", "suppliers:refuse", "suppliers:withdraw"),
    ),
    "purchase": (
        "hotel",
        (
            "sourcing:show",
            "sourcing:void",
            "sourcing:ask_again",
            "sourcing:attach",
            "sourcing:replace",
            "sourcing:credit",
            "sourcing:undo",
        ),
    ),
    "receipt": ("hotel", ("sourcing:evidence", "sourcing:preview", "sourcing:take_off")),
    "waiting receipt": ("hotel", ("sourcing:remove_receipt",)),
    "import": (
        "hotel",
        (
            "sourcing:import",
            "sourcing:import_columns",
            "sourcing:import_recolumn",
            "sourcing:import_correct",
            "sourcing:import_back_in",
            "sourcing:import_confirm",
            "sourcing:import_undo",
            "sourcing:import_discard",
        ),
    ),
    "claim document": ("hotel", ("claims:hotel_document", "claims:hotel_document_remove")),
    "claim": (
        "hotel",
        (
            "claims:hotel_claim",
            "claims:hotel_lines",
            "claims:hotel_documents",
            "claims:hotel_save",
            "claims:hotel_submit",
            "claims:hotel_withdraw",
        ),
    ),
    "asked purchase": ("supplier", ("sourcing:answer",)),
    "supplier phone": ("supplier", ("sms:supplier_stop",)),
}
# Paths that name something nobody owns alone: public things, one-time secrets, what a whole desk works on,
# and what demo mode opens to everybody.
NOBODYS = {
    "public": {
        "app:static",
        "media:cover",
        "media:preview",
        "media:file",
        "discovery:listing",
        "discovery:village",
        "payouts:fund",
        "bookings:quote",
        "bookings:hold",
        "reviews:report",
        "bookings:waiting_list",
        "bookings:join_waiting",
        "suppliers:show",
        "suppliers:product",
        "suppliers:ask",
        "sourcing:register",
        "opendata:award",
        "opendata:claim_file",
        "opendata:hotel",
        "opendata:package",
        "opendata:purchases",
        "opendata:sample_file",
        "transparency:entry",
        "transparency:entry_file",
        "transparency:proof_file",
        "transparency:consistency",
        "transparency:tile",
    },
    "the path is the secret": {
        "accounts:magic",
        "accounts:new_address",
        "accounts:reset_new",
        "accounts:welcome",
        "bookings:link",
        "calendars:feed",
        "console:host_invitation",
        "console:host_accept_invitation",
        "reviews:link",
        "sourcing:confirm",
        "bookings:waiting_entry",
        "bookings:waiting_act",
    },
    "the whole desk": {
        "console:operator_booking",
        "console:operator_cancel",
        "console:operator_cancel_now",
        "console:operator_refund_paid",
        "console:operator_refund_again",
        "console:operator_payout_batch",
        "console:operator_payout_approve",
        "console:operator_payout_decline",
        "console:operator_payout_orders",
        "console:operator_payout_results",
        "console:operator_payout_book",
        "console:operator_host_money",
        "console:operator_host_account",
        "console:operator_host_close",
        "console:operator_dispute",
        "console:operator_dispute_decide",
        "console:operator_fund",
        "console:operator_fund_appoint",
        "console:operator_fund_dismiss",
        "console:operator_retry",
        "console:operator_listing",
        "console:operator_listing_decide",
        "console:operator_photo",
        "console:operator_person",
        "console:operator_person_act",
        "console:operator_goodwill_decide",
        "console:operator_goodwill_give",
        "console:operator_goodwill_now",
        "console:operator_report_judge",
        "console:operator_send_again",
        "console:operator_no_show_decide",
        "console:operator_review_judge",
        "sms:operator_handled",
        "sms:operator_log",
        "suppliers:judge",
        "sourcing:decide",
        "claims:officer_budget_agree",
        "claims:officer_budget_withdraw",
        "claims:officer_conflict_end",
        "claims:officer_rule",
        "claims:officer_rule_back",
        "claims:officer_rule_force",
        "claims:officer_rule_propose",
        "claims:officer_rule_withdraw",
        "transparency:witness_remove",
        "transparency:witness_test",
    },
    # One's own list, by the session alone: tests/integration/notifications/test_telling.py
    "the signed-in person's": {"notifications:notice"},
    # There once a claim was submitted: tests/integration/claims/test_hotel_claims.py and test_hotel_hearing.py
    "the hotel's, later": {
        "claims:hotel_answer",
        "claims:hotel_certificate",
        "claims:hotel_certificate_file",
        "claims:hotel_object",
        "claims:hotel_receipt",
        "claims:hotel_receipt_pdf",
    },
    # Whoever sits in a chair of the claim, and nobody with an interest in it: tests/integration/claims/
    "the office's chairs": {
        "claims:officer_accept",
        "claims:officer_ask",
        "claims:officer_begin",
        "claims:officer_certificate",
        "claims:officer_claim",
        "claims:officer_decide",
        "claims:officer_decree",
        "claims:officer_document",
        "claims:officer_dossier",
        "claims:officer_evidence",
        "claims:officer_flag",
        "claims:officer_hold",
        "claims:officer_hold_end",
        "claims:officer_leave",
        "claims:officer_lines",
        "claims:officer_question_close",
        "claims:officer_revoke",
        "claims:officer_task",
        "claims:officer_undo",
        "claims:officer_undo_agree",
        "claims:officer_undo_refuse",
    },
    "demo mode": {
        "payments:demo_card",
        "notifications:message",
        "notifications:html_part",
        "notifications:attachment",
        "sms:phone",
    },
}
MISSING = {"slug": "no-such-thing", "reference": "ZZZZZZZZ", "code": "S-ZZZZZZ", "section": "words"}
# What would do something if a guard were missing.
FIELDS = {"status": "paused", "answer": "no", "act": "delete", "shown": "0", "body": "Hello"}
TABLES = [
    "booking",
    "allocation",
    "amendment",
    "booking_event",
    "check_in",
    "no_show",
    "review",
    "review_window",
    "register_stay",
    "register_guest",
    "message",
    "message_report",
    "notice",
    "staff_act",
    "goodwill",
    "message_template",
    "message_picture",
    "calendar_feed",
    "calendar_link",
    "payment",
    "refund",
    "listing",
    "listing_text",
    "slot",
    "departure_decision",
    "allotment",
    "membership",
    "host_invitation",
    "sleep_consent",
    "pool_member",
    "hosting_turn",
    "coordination",
    "host_act",
    "waiting_entry",
    "closure",
    "photo",
    "sms_number",
    "purchase_document",
    "purchase_line",
    "evidence",
    "confirmation_answer",
    "import_batch",
    "import_row",
    "claim",
    "claim_event",
    "claim_document_key",
    "supplier",
    "supplier_product",
    "certificate",
    "quotation",
    "expected_purchase",
    "supplier_agent",
    "job",
    "delivery",
    "dispute",
    "payout_account",
    "fund_spending",
]


def test_every_route_with_an_object_says_whose_it_is():
    with_object = {
        name for name, route in ROUTES.items() if set(re.findall(r"{(\w+)", route.path)) - {"locale"}
    }
    owned = {name for _, names in OWNED.values() for name in names}
    others = set().union(*NOBODYS.values())
    assert not owned & others
    assert with_object == owned | others


@pytest.fixture
async def world(db: str, tools: Tools) -> World:
    made = await worlds.build()
    await worlds.keep_files(made, tools)
    return made


async def token_of(client: httpx.AsyncClient) -> str:
    page = await client.get("/en/trips")
    return next(form["data"]["csrf"] for form in forms(page.text) if "csrf" in form["data"])


def path_of(route: GuardedRoute, params: Params) -> str:
    return re.sub(r"{(\w+)(:\w+)?}", lambda match: {"locale": "en", **params}[match[1]], route.path)


async def answers(
    client: httpx.AsyncClient, world: World, params_of: dict[str, Params], role: str, data: dict[str, str]
) -> dict[tuple[str, str], int]:
    """The status of every owned route and method of a role, for the objects named."""
    given: dict[tuple[str, str], int] = {}
    for family, (owner, names) in OWNED.items():
        if owner == role:
            for name in names:
                route = ROUTES[name]
                for method in sorted((route.methods or set()) - {"HEAD"}):
                    sent = data if method == "POST" else None
                    answer = await client.request(method, path_of(route, params_of[family]), data=sent)
                    given[name, method] = answer.status_code
    return given


async def everything() -> str:
    return str([await db.fetch(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES])


def missing(params: Params) -> Params:
    return {name: MISSING.get(name, "987654321") for name in params}


ROLES = ("guest", "host", "supplier", "hotel")


@pytest.mark.parametrize("role", ROLES)
async def test_only_ones_own_is_there(client: httpx.AsyncClient, world: World, role: str):
    await sign_in(client, world.one.people[role].id)
    data = {**FIELDS, "csrf": await token_of(client)}
    before = await everything()
    for params_of in (
        world.other.paths,
        {family: missing(params) for family, params in world.one.paths.items()},
    ):
        found = {k: v for k, v in (await answers(client, world, params_of, role, data)).items() if v != 404}
        assert not found
    tokenless = await answers(client, world, world.one.paths, role, {})
    assert not {key: status for key, status in tokenless.items() if key[1] == "POST" and status != 403}
    assert await everything() == before
    own = await answers(client, world, world.one.paths, role, data)
    assert not {key: status for key, status in own.items() if status in {403, 404} or status >= 500}


@pytest.mark.parametrize(
    ("family", "role"),
    [
        ("photo", "host"),
        ("promise", "host"),
        ("team member", "host"),
        ("invitation", "host"),
        ("own product", "supplier"),
        ("certificate", "supplier"),
    ],
)
async def test_anothers_part_of_ones_own_thing_is_not_there(
    client: httpx.AsyncClient, world: World, family: str, role: str
):
    await sign_in(client, world.one.people[role].id)
    data = {"csrf": await token_of(client), "act": "delete", "capacity": "1"}
    own, foreign = world.one.paths[family], world.other.paths[family]
    last = list(own)[-1]
    before = await everything()
    for name in OWNED[family][1]:
        for method in (ROUTES[name].methods or set()) - {"HEAD"}:
            path = path_of(ROUTES[name], {**own, last: foreign[last]})
            sent = data if method == "POST" else None
            refused = await client.request(method, path, data=sent)
            assert refused.status_code == 404, (name, method, refused.status_code)
    assert await everything() == before


async def test_visitors_find_none_of_it(app: Starlette, client: httpx.AsyncClient, world: World):
    data = {**FIELDS, "csrf": await token_of(client)}
    for role in ROLES:
        for (name, method), status in (await answers(client, world, world.one.paths, role, data)).items():
            expected = 404 if role == "guest" else 303
            assert status == expected, (name, method, status)


@pytest.mark.parametrize("role", ROLES)
async def test_the_audit_sees_a_missing_guard(
    client: httpx.AsyncClient, world: World, role: str, monkeypatch: pytest.MonkeyPatch
):
    """With ownership switched off, every route of the role must show up: so each has a guard that matters."""
    await sign_in(client, world.one.people[role].id)
    data = {**FIELDS, "csrf": await token_of(client)}
    rows = await db.fetch("SELECT role, organisation_id FROM membership WHERE organisation_id IS NOT NULL")

    def everybodys(self: Viewer, wanted: str) -> frozenset[int]:
        return frozenset(row["organisation_id"] for row in rows if row["role"] == wanted.partition(":")[0])

    monkeypatch.setattr(Viewer, "organisation_ids", everybodys)

    async def member(*_: object) -> bool:
        return True

    monkeypatch.setattr(access, "role_of", lambda *_: access.Role.GUEST)
    monkeypatch.setattr(fund, "is_member", member)
    found = await answers(client, world, world.other.paths, role, data)
    assert not {key for key, status in found.items() if status == 404}


@pytest.mark.parametrize("role", ROLES)
async def test_the_audit_sees_a_missing_form_token(
    client: httpx.AsyncClient, world: World, role: str, monkeypatch: pytest.MonkeyPatch
):
    async def let_through(_: object) -> None:
        return None

    await sign_in(client, world.one.people[role].id)
    monkeypatch.setattr(csrf, "check", let_through)
    found = await answers(client, world, world.one.paths, role, {})
    assert not {key for key, status in found.items() if key[1] == "POST" and status == 403}


async def test_objects_in_fields_are_checked_too(client: httpx.AsyncClient, world: World):
    """Ids that come in a form or an address belong to somebody as well."""
    one, other = world.one, world.other
    await sign_in(client, one.people["host"].id)
    token = await token_of(client)
    assert (
        await client.get(f"/en/host/calendar?listing={other.paths['listing']['slug']}")
    ).status_code == 404
    hosts = await db.fetch(
        "SELECT organisation_id AS id FROM membership WHERE role = 'host' ORDER BY id DESC"
    )
    invited = await client.post(
        "/en/host/sms",
        data={"csrf": token, "number": "+6281299998888", "host": str(hosts[0]["id"]), "language": "en"},
    )
    assert invited.status_code == 404
    await sign_in(client, one.people["hotel"].id)
    theirs = await db.fetch_one(
        "SELECT organisation_id AS id FROM membership WHERE person_id = $1", other.people["hotel"].id
    )
    assert theirs
    public = one.paths["public product"]
    count = await db.fetch_one("SELECT COUNT(*) AS n FROM quotation")
    asked = await client.post(
        f"/en/suppliers/{public['slug']}/{public['product']}/ask",
        data={
            "csrf": token,
            "hotel": str(theirs["id"]),
            "quantity": "1",
            "wanted_on": "2099-01-01",
            "request_key": "k" * 20,
        },
    )
    assert asked.status_code in {400, 404, 422}
    assert await db.fetch_one("SELECT COUNT(*) AS n FROM quotation") == count
