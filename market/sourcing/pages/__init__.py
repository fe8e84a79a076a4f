"""The ledger's routes: the hotel's desk, the supplier's answers, the public link, and opening organisations."""

from __future__ import annotations

from market.sourcing.pages import (
    answering,
    documents,
    entering,
    importing,
    imports,
    inbox,
    ledger,
    profile,
    uploads,
)
from market.web.guards import ANYONE, HOTEL, OPERATOR, SIGNED_IN, SUPPLIER, page

_BOTH, _POST = ("GET", "POST"), ("POST",)
_LEDGER = "/{locale}/hotel/purchases"
_DOCUMENT = f"{_LEDGER}/{{reference}}"
_IMPORTS = "/{locale}/hotel/imports"
_IMPORT = f"{_IMPORTS}/{{reference}}"
_RECEIPT = "/{locale}/hotel/receipts/{reference}"

routes = [
    page(_LEDGER, ledger.index, access=HOTEL, name="sourcing:index"),
    page(f"{_LEDGER}.csv", ledger.export, access=HOTEL, name="sourcing:export"),
    page(f"{_LEDGER}/sheet", ledger.sheet, access=HOTEL, name="sourcing:print"),
    page(
        f"{_LEDGER}/new",
        entering.new,
        access=HOTEL,
        name="sourcing:new",
        methods=_BOTH,
        max_body=uploads.BODY,
    ),
    page(_DOCUMENT, documents.show, access=HOTEL, name="sourcing:show"),
    page(f"{_DOCUMENT}/void", documents.void, access=HOTEL, name="sourcing:void", methods=_POST),
    page(f"{_DOCUMENT}/undo", documents.undo, access=HOTEL, name="sourcing:undo", methods=_POST),
    page(
        f"{_DOCUMENT}/ask-again", documents.ask_again, access=HOTEL, name="sourcing:ask_again", methods=_POST
    ),
    page(
        f"{_DOCUMENT}/photos",
        documents.attach,
        access=HOTEL,
        name="sourcing:attach",
        methods=_POST,
        max_body=uploads.BODY,
    ),
    page(
        f"{_DOCUMENT}/correct",
        entering.replace,
        access=HOTEL,
        name="sourcing:replace",
        methods=_BOTH,
        max_body=uploads.BODY,
    ),
    page(
        f"{_DOCUMENT}/credit",
        entering.credit,
        access=HOTEL,
        name="sourcing:credit",
        methods=_BOTH,
        max_body=uploads.BODY,
    ),
    page(
        "/{locale}/hotel/receipts",
        inbox.inbox,
        access=HOTEL,
        name="sourcing:inbox",
        methods=_BOTH,
        max_body=uploads.BODY,
    ),
    page(_RECEIPT, inbox.original, access=HOTEL, name="sourcing:evidence", own_eyes=True),
    page(f"{_RECEIPT}/preview", inbox.preview, access=HOTEL, name="sourcing:preview", own_eyes=True),
    page(f"{_RECEIPT}/remove", inbox.remove, access=HOTEL, name="sourcing:remove_receipt", methods=_POST),
    page(f"{_RECEIPT}/take-off", inbox.take_off, access=HOTEL, name="sourcing:take_off", methods=_POST),
    page(
        _IMPORTS, imports.index, access=HOTEL, name="sourcing:imports", methods=_BOTH, max_body=imports.BODY
    ),
    page(f"{_IMPORTS}/table.csv", imports.template, access=HOTEL, name="sourcing:import_template"),
    page(_IMPORT, imports.show, access=HOTEL, name="sourcing:import"),
    page(
        f"{_IMPORT}/columns",
        importing.tell_columns,
        access=HOTEL,
        name="sourcing:import_columns",
        methods=_POST,
    ),
    page(f"{_IMPORT}/rows", importing.correct, access=HOTEL, name="sourcing:import_correct", methods=_POST),
    page(
        f"{_IMPORT}/back-in",
        importing.take_back_in,
        access=HOTEL,
        name="sourcing:import_back_in",
        methods=_POST,
    ),
    page(
        f"{_IMPORT}/columns/again",
        importing.change_columns,
        access=HOTEL,
        name="sourcing:import_recolumn",
        methods=_POST,
    ),
    page(
        f"{_IMPORT}/confirm", importing.confirm, access=HOTEL, name="sourcing:import_confirm", methods=_POST
    ),
    page(f"{_IMPORT}/undo", importing.undo, access=HOTEL, name="sourcing:import_undo", methods=_POST),
    page(
        f"{_IMPORT}/discard", importing.discard, access=HOTEL, name="sourcing:import_discard", methods=_POST
    ),
    page("/{locale}/hotel/profile", profile.profile, access=HOTEL, name="sourcing:profile", methods=_BOTH),
    page(
        "/{locale}/supplier/purchases", answering.claims_about, access=SUPPLIER, name="sourcing:claims_about"
    ),
    page(
        "/{locale}/supplier/purchases/{reference}",
        answering.answer,
        access=SUPPLIER,
        name="sourcing:answer",
        methods=_POST,
    ),
    page(
        "/{locale}/confirm",
        answering.confirm_code,
        access=ANYONE,
        name="sourcing:confirm_code",
        methods=_BOTH,
    ),
    page(
        "/{locale}/confirm/{token}", answering.confirm, access=ANYONE, name="sourcing:confirm", methods=_BOTH
    ),
    page(
        "/{locale}/register/{kind}",
        profile.register,
        access=SIGNED_IN,
        name="sourcing:register",
        methods=_BOTH,
    ),
    page("/{locale}/operator/registrations", profile.requests, access=OPERATOR, name="sourcing:requests"),
    page(
        "/{locale}/operator/registrations/{reference}",
        profile.decide,
        access=OPERATOR,
        name="sourcing:decide",
        methods=_POST,
    ),
]
