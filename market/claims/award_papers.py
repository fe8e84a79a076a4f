"""The certificate of an award in effect, as the file anybody can check and on paper.

Facts and proof are `transparency.certificates`; the words of an award are here.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any, Final

from market import db
from market.claims.rule_versions import TaxInstrument
from market.db.sql import as_instant, as_json
from market.errors import NotFound
from market.i18n import formats
from market.i18n.messages import translate
from market.settings import Settings
from market.transparency import certificate_pdf, certificates, checkpoints, log
from market.transparency.certificate_pdf import Paper
from market.transparency.checkpoint import open_checkpoint
from market.transparency.keys import LogKeys
from market.values.periods import Period
from market.values.share import Share
from market.values.text import Text, lazy

_INSTRUMENTS: Final[dict[TaxInstrument, Text]] = {
    TaxInstrument.PBJT_HOTEL: lazy("a reduction of the hotel tax (PBJT on hotel services)"),
    TaxInstrument.PBJT_FOOD: lazy("a reduction of the restaurant tax (PBJT on food and drink)"),
    TaxInstrument.PBB_P2: lazy("a reduction of the property tax (PBB-P2)"),
    TaxInstrument.REKLAME: lazy("a reduction of the advertising tax"),
    TaxInstrument.PENALTY_WAIVER: lazy("a waiver of tax penalties"),
    TaxInstrument.NON_TAX_AWARD: lazy("an award other than tax"),
}


async def certificate_json(
    claim_id: int, keys: LogKeys, settings: Settings, *, locale: str, now: datetime
) -> bytes:
    """The signed facts with their proof. Raises NotFound for a claim without a certificate."""
    entry, _ = await _entry(claim_id)
    url = certificate_pdf.verify_url(entry, settings, locale)
    return await certificates.issue(entry.index, keys=keys, verify_url=url, now=now)


async def certificate_pdf_of(
    claim_id: int, keys: LogKeys, settings: Settings, *, locale: str, now: datetime
) -> bytes:
    """The certificate on paper. Raises NotFound for a claim without one."""
    entry, row = await _entry(claim_id)
    signed = await checkpoints.covering(entry.index, keys, now=now)
    checkpoint = open_checkpoint(signed.note, list(keys.verifiers))
    paper = _paper(as_json(row["facts"]), row, settings, locale)
    url = certificate_pdf.verify_url(entry, settings, locale)
    return await asyncio.to_thread(certificate_pdf.render_pdf, paper, entry, checkpoint, url)


async def _entry(claim_id: int) -> tuple[log.Entry, dict[str, Any]]:
    row = await db.fetch_one(
        "SELECT a.*, k.log_index, r.body FROM award_certificate a JOIN claim_sk k ON k.claim_id = a.claim_id"
        " JOIN claim c ON c.id = a.claim_id JOIN rule_version r ON r.id = c.rule_id WHERE a.claim_id = $1",
        claim_id,
    )
    entry = await log.get_entry(row["log_index"]) if row else None
    if row is None or entry is None:
        raise NotFound
    return entry, row


def _paper(facts: dict[str, Any], row: dict[str, Any], settings: Settings, locale: str) -> Paper:
    def say(text: Text) -> str:
        return translate(text, locale)

    period = Period.parse(facts["period"])
    body = as_json(row["body"])
    rows: list[tuple[Text, str]] = [
        (lazy("Month"), formats.month(period.first_day, locale)),
        (lazy("Local share"), formats.share(Share.parse(facts["share"]), locale) if facts["share"] else "–"),
        (lazy("Rule"), f"{facts['rule']}, {body['legal_basis']}"),
        (lazy("Tax principal"), formats.money(facts["tax_principal"], locale)),
        (
            lazy("Decree (SK)"),
            f"{facts['decree']}, {formats.day(date.fromisoformat(facts['decree_on']), locale)}",
        ),
        (lazy("Claim"), facts["claim"]),
    ]
    if facts["adjustment"]:
        rows.append((lazy("From earlier corrections"), formats.money(facts["adjustment"], locale)))
        rows.append((lazy("Payable"), formats.money(facts["payable"], locale)))
    what = say(_INSTRUMENTS[TaxInstrument(body["tax_instrument"])])
    return Paper(
        locale=locale,
        issuer=settings.brand,
        title=say(lazy("Certificate of an award for local purchases")),
        number=facts["certificate"],
        lead=say(
            lazy(
                "%(hotel)s is granted %(what)s for what it bought from local producers.",
                hotel=facts["hotel"],
                what=what,
            )
        ),
        rows=[(say(label), text) for label, text in rows],
        issued_at=as_instant(row["issued_at"]),
        big=(say(lazy("Award")), formats.money(facts["award"], locale)),
        notes=[
            say(lazy("A correction of the month makes this certificate void; the public page then says so."))
        ],
    )
