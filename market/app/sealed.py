"""Which tables the public log covers, in one place for all packages: some of them must not know the log.

A table belongs here once the database refuses to change or delete its rows; where only some columns are refused
(`… BEFORE UPDATE OF …`), those are covered. Importing this module registers the tables;
tests/integration/transparency/test_covered_tables.py tells which one was forgotten.
"""

from __future__ import annotations

from market.transparency.digests import seal_table
from market.transparency.kinds import name_table
from market.transparency.sealing import Kind
from market.values.text import Text, lazy


def _cover(table: str, words: Text, **columns: str) -> None:
    """Cover `id` and the named columns; the keyword says what they hold, `whole` for whole numbers.

    `words` are what the log's pages call the table.
    """
    name_table(table, words)
    kinds = {"whole": Kind.INT} | {kind.value: kind for kind in Kind}
    named = {name: kinds[kind] for kind, names in columns.items() for name in names.split()}
    seal_table(table, {"id": Kind.INT, **named})


# Money
_cover(
    "ledger_entry", lazy("Bookings in the money ledger"), text="key kind booking_reference note", instant="at"
)
_cover(
    "ledger_transfer",
    lazy("Movements of money between accounts"),
    whole="entry_id amount_minor",
    text="debit credit currency",
)
_cover(
    "payout_event",
    lazy("Steps of payouts to hosts"),
    whole="batch_id payout_id person_id",
    text="name note",
    instant="at",
)
_cover(
    "payout_account",
    lazy("Bank accounts of hosts (masked)"),
    whole="organisation_id entered_by",
    text="way bank masked",
    instant="entered_at usable_from",
)

# What hotels bought, and what suppliers say about it
_cover(
    "purchase_document",
    lazy("Purchases of hotels"),
    whole="hotel_id credits_id supplier_id net_minor vat_minor batch_id replaces_id expected_purchase_id entered_by",
    text="reference kind paper seller_name seller_npwp seller_key number number_key period currency rate source note",
    bool="is_adjustment",
    date="invoice_on",
    instant="invoice_at entered_at",
)
_cover(
    "purchase_line",
    lazy("Lines of purchases"),
    whole="document_id position hotel_id supplier_id product_id quantity_milli net_minor vat_minor",
    text="seller_key period description category unit amount vat_percent",
    bool="credit_note",
    instant="invoice_at",
)
_cover(
    "purchase_event",
    lazy("What was done with purchases"),
    whole="hotel_id document_id batch_id person_id",
    text="name reason",
    instant="at",
)
_cover(
    "confirmation_answer",
    lazy("Answers of suppliers"),
    whole="document_id request_id net_minor person_id agent_id",
    text="answer words way",
    instant="answered_at",
)
_cover(
    "origin_decision",
    lazy("Decisions on where goods come from"),
    whole="product_id decided_by",
    text="origin about office",
    json="evidence",
    date="decided_on expires_on",
    instant="created_at",
)
_cover(
    "supplier_act",
    lazy("What was done on suppliers' pages"),
    whole="supplier_id person_id agent_id",
    text="name subject",
    instant="at",
)

# Claims and what officers did, beside the decisions that market/claims/handlers.py covers itself
_cover("claim", lazy("Claims of hotels"), whole="hotel_id corrects_id rule_id", text="reference period kind")
_cover(
    "claim_undo",
    lazy("Requests to undo a decision"),
    whole="claim_id decision_id proposed_by",
    text="note",
    instant="proposed_at",
)
_cover(
    "claim_draw",
    lazy("Draws of officers and samples"),
    whole="claim_id round seed_after committed_index",
    text="kind seed_source",
    json="candidates",
    instant="committed_at",
)
_cover(
    "claim_flag",
    lazy("Findings of the automatic checks"),
    whole="claim_id rule_version line_id",
    text="rule subject found expected",
    json="facts records",
    instant="raised_at",
)
_cover(
    "award_adjustment",
    lazy("Differences from corrections"),
    whole="hotel_id correction_id amount_minor",
    instant="created_at",
)
_cover(
    "award_certificate",
    lazy("Certificates of awards"),
    whole="claim_id",
    text="reference",
    json="facts",
    instant="issued_at",
)

# What hosts, operators and guests did
_cover(
    "booking_event",
    lazy("Steps of bookings"),
    whole="booking_id person_id",
    text="name from_state to_state actor reason key",
    instant="at",
)
_cover(
    "check_in",
    lazy("Arrivals of guests"),
    whole="booking_id person_id",
    text="act how key reason",
    instant="stated_at received_at",
)
_cover(
    "departure_decision",
    lazy("Decisions whether a tour departs"),
    whole="slot_id guests needed person_id",
    text="outcome",
    instant="at",
)
_cover(
    "host_act",
    lazy("What coordinators did for hosts"),
    whole="host_id village_org_id person_id",
    text="name subject detail",
    instant="at",
)
_cover(
    "hosting_turn",
    lazy("Whose turn it was to host"),
    whole="booking_id listing_id host_id room_type_id rooms nights before_id person_id",
    text="reason",
    instant="at",
)
_cover(
    "listing_review",
    lazy("Decisions on new listings"),
    whole="listing_id person_id",
    text="decision reason",
    instant="at",
)
_cover(
    "staff_act",
    lazy("What operators did"),
    whole="actor_id real_actor_id person_id",
    text="name subject reason",
    instant="at",
)
_cover("register_act", lazy("Reports of foreign guests"), whole="stay_id person_id", text="act", instant="at")
_cover(
    "review_act", lazy("Decisions on reviews"), whole="review_id person_id", text="act reason", instant="at"
)
