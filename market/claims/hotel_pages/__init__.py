"""The hotel's side of the programme: its local share, its claims, and what officers ask. Officers' desks are not
here.
"""

from __future__ import annotations

from market.claims.hotel_pages import claim_page, claims, documents, hearing, receipt, share
from market.web.guards import HOTEL, page

_CLAIM = "/{locale}/hotel/claims/{reference}"

routes = [
    page("/{locale}/hotel/share", share.show, access=HOTEL, name="claims:share"),
    page("/{locale}/hotel/claims", claims.index, access=HOTEL, name="claims:hotel_claims"),
    page(
        "/{locale}/hotel/claims", claims.open_draft, access=HOTEL, name="claims:hotel_open", methods=("POST",)
    ),
    page(
        "/{locale}/hotel/claims/corrections",
        claims.open_correction,
        access=HOTEL,
        name="claims:hotel_correct",
        methods=("POST",),
    ),
    page(_CLAIM, claims.show, access=HOTEL, name="claims:hotel_claim"),
    page(_CLAIM, claims.save, access=HOTEL, name="claims:hotel_save", methods=("POST",)),
    page(f"{_CLAIM}/submit", claims.submit, access=HOTEL, name="claims:hotel_submit", methods=("POST",)),
    page(f"{_CLAIM}/withdraw", claims.give_up, access=HOTEL, name="claims:hotel_withdraw", methods=("POST",)),
    page(f"{_CLAIM}/lines", claim_page.lines, access=HOTEL, name="claims:hotel_lines"),
    page(
        f"{_CLAIM}/documents",
        documents.add,
        access=HOTEL,
        name="claims:hotel_documents",
        methods=("POST",),
        max_body=documents.UPLOAD_BYTES,
    ),
    page(
        f"{_CLAIM}/documents/{{document}}",
        documents.download,
        access=HOTEL,
        name="claims:hotel_document",
        own_eyes=True,
    ),
    page(
        f"{_CLAIM}/documents/{{document}}/remove",
        documents.remove,
        access=HOTEL,
        name="claims:hotel_document_remove",
        methods=("POST",),
    ),
    page(
        f"{_CLAIM}/questions/{{question}}",
        hearing.answer,
        access=HOTEL,
        name="claims:hotel_answer",
        methods=("POST",),
    ),
    page(
        f"{_CLAIM}/objection", hearing.objection, access=HOTEL, name="claims:hotel_object", methods=("POST",)
    ),
    page(f"{_CLAIM}/receipt", receipt.show, access=HOTEL, name="claims:hotel_receipt"),
    page(f"{_CLAIM}/certificate.pdf", receipt.certificate, access=HOTEL, name="claims:hotel_certificate"),
    page(
        f"{_CLAIM}/certificate.json",
        receipt.certificate_file,
        access=HOTEL,
        name="claims:hotel_certificate_file",
    ),
    page(f"{_CLAIM}/receipt.pdf", receipt.download, access=HOTEL, name="claims:hotel_receipt_pdf"),
]
