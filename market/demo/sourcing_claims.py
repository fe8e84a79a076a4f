"""Claims for the demo officers, one in every state a desk knows, and a rule that waits for a second person.

Drafts come from `sourcing`; here they are stated, submitted and taken through the real commands with the acts of
whoever the lot names, a day or so a step. Needs the installation's keys (lots take their seed from the log's
checkpoints). Files are kept first; everything else is one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from market import clock, db
from market.accounts import queries as accounts
from market.claims import (
    advancing,
    asking,
    checking,
    claiming_answers,
    claiming_documents,
    claiming_queries,
    claiming_service,
    deciding,
    effects,
    lots,
    programme,
    steps,
    submitting,
    tasks,
    verifying,
)
from market.claims.checking import Desk
from market.claims.claiming import Arrears, DocumentKind, Stated
from market.claims.claiming_queries import ClaimRow, Document
from market.claims.deciding import Outcome
from market.claims.lots import Chair
from market.claims.rule_versions import R2
from market.claims.rulings import Verdict
from market.claims.seeds import CheckpointSeeds
from market.claims.states import State
from market.claims.tasks import TaskState
from market.claims.verifying import LineRuling
from market.demo import people
from market.demo.sourcing_plan import Month, Oddity, Until
from market.media.adapters.disk import DiskStorage
from market.settings import Settings
from market.sourcing import entry
from market.sourcing.rules import Kind, NewDocument, NewLine, Source
from market.transparency.keys import load_keys
from market.values.dates import local_day, local_instant
from market.values.periods import Period

_PAPER: Final = b"%PDF-1.4\n% An invented letter of the demo.\n%%EOF\n"
_TAKEN_BACK: Final = 2_000_000
_WAITS: Final = frozenset({Until.DRAFT, Until.WITHDRAWN})
_FRESH: Final = (Until.CHECKING, Until.SUBMITTED)


@dataclass(slots=True)
class Case:
    """A draft of a hotel, what the plan tells of it, what its papers add up to, and the instant it has reached."""

    reference: str
    hotel_id: int
    person: int
    period: Period
    now: datetime
    told: Month
    total: int


async def load(cases: Sequence[Case], config: Settings) -> None:
    """Take every draft as far as its plan says, the oldest first, and propose a rule."""
    desk = Desk(CheckpointSeeds(load_keys(config)), config.secrets, demo=True)
    papers = {case.reference: await _kept(case, config) for case in cases}
    ordered = sorted(cases, key=lambda case: case.told.until in _FRESH)
    async with db.transaction():
        for case in ordered:
            await _take(case, papers[case.reference], desk)
        await _rule()


async def _claim(case: Case) -> ClaimRow:
    claim = await claiming_queries.get_claim(case.reference, [case.hotel_id])
    if claim is None:
        raise LookupError(case.reference)
    return claim


async def _kept(case: Case, config: Settings) -> Document:
    """The tax office's letter that a claim hands in."""
    return await claiming_documents.keep(
        _PAPER,
        "surat-pajak.pdf",
        DocumentKind.COMPLIANCE,
        (await _claim(case)).id,
        storage=DiskStorage(config.data_dir / "media", "/media"),
        secrets=config.secrets,
        now=case.now,
    )


async def _state(case: Case, paper: Document | None) -> None:
    """What the hotel states and hands in."""
    claim = await _claim(case)
    stated = Stated(
        total=case.total + case.total // 200,
        tax_principal=case.told.tax,
        compliant=True,
        arrears=Arrears.NONE,
        difference_note="Pembelian kecil tanpa nota.",
        late_note="",
    )
    await claiming_service.save(claim, stated, now=case.now)
    if paper is not None:
        await claiming_service.add_document(claim, paper, now=case.now)


async def _submit(case: Case) -> None:
    await submitting.submit(await _claim(case), by=case.person, now=case.now)


# The office ------------------------------------------------------------------------------------------------------
async def _take(case: Case, paper: Document, desk: Desk) -> None:
    """Take a claim as far as its plan says."""
    until = case.told.until
    if until in _FRESH:
        case.now = clock.now() - timedelta(hours=3 - _FRESH.index(until))
    await _state(case, paper)
    if until is Until.WITHDRAWN:
        await claiming_service.give_up(await _claim(case), by=case.person, now=case.now)
    if until in _WAITS:
        return
    await _submit(case)
    if until is Until.CHECKING:
        await checking.run(case.reference, desk, now=case.now)
    if until not in _FRESH:
        await _through(case, until, desk)
    if until is Until.CORRECTED:
        await _correct(case, desk)


async def _through(case: Case, until: Until, desk: Desk) -> None:
    """From submission on, with whoever the lot names."""
    await _advance(case, desk)
    if until is Until.DRAWN:
        return
    chairs = await lots.chairs_of((await steps.get(case.reference)).id)
    verifier = chairs[Chair.VERIFIER]
    case.now += timedelta(days=1)
    await verifying.begin(case.reference, by=verifier, now=case.now)
    if until is Until.VERIFYING:
        if Oddity.OTHER_AMOUNT in case.told.odd:
            words = "Nota 4.600.000 berbeda dari jawaban pemasok (2.400.000). Mohon jelaskan selisihnya."
            await asking.ask(case.reference, words, by=verifier, now=case.now)
        return
    rejected = until in {Until.REJECTED, Until.OBJECTED}
    await _verify(case, verifier, Outcome.REJECT if rejected else Outcome.AWARD)
    if until is Until.APPROVING:
        return
    await _approve(case, chairs[Chair.APPROVER], desk, rejected=rejected)
    if until is Until.OBJECTED:
        await _object(case, desk)
    elif until in {Until.EFFECTIVE, Until.CORRECTED}:
        await _audit(case)
        await _effective(case, verifier, desk)
    elif until is Until.RECOMMENDED:
        await _audit(case)


async def _correct(case: Case, desk: Desk) -> None:
    """A credit note after the decision: the month is reckoned again, and the difference goes back with the next one."""
    case.now += timedelta(days=3)
    row = await db.fetch_one(
        "SELECT d.reference, d.supplier_id, d.seller_name, l.product_id, l.category FROM purchase_document d"
        " JOIN purchase_line l ON l.document_id = d.id WHERE d.hotel_id = $1 AND d.period = $2 AND l.origin = 'A'"
        " ORDER BY d.net_minor DESC LIMIT 1",
        case.hotel_id,
        str(case.period),
    )
    if row is None:
        raise LookupError(case.reference)
    line = NewLine(
        description="Barang dikembalikan",
        category=row["category"],
        amount=str(_TAKEN_BACK),
        net_minor=_TAKEN_BACK,
        product_id=row["product_id"],
    )
    back = NewDocument(
        seller_name=row["seller_name"],
        supplier_id=row["supplier_id"],
        invoice_at=local_instant(case.period.last_day),
        lines=(line,),
        kind=Kind.CREDIT_NOTE,
        number="NK-1",
        credits=row["reference"],
        adjustment=True,
    )
    await entry.enter(back, hotel_id=case.hotel_id, by=case.person, now=case.now, source=Source.FORM)
    case.now += timedelta(days=1)
    case.reference = await claiming_service.open_correction(
        case.hotel_id, case.period, by=case.person, now=case.now
    )
    case.total -= _TAKEN_BACK
    await _state(case, None)
    await _submit(case)
    await _through(case, Until.EFFECTIVE, desk)


async def _advance(case: Case, desk: Desk) -> None:
    for _ in range(2):
        await advancing.everything(desk, now=case.now)


async def _verify(case: Case, verifier: int, outcome: Outcome) -> None:
    for task in tasks.BY_HAND:
        await verifying.finish_task(case.reference, task, TaskState.PASSED, "", by=verifier, now=case.now)
    claim = await steps.get(case.reference)
    for flag in await db.fetch("SELECT id FROM claim_flag WHERE claim_id = $1", claim.id):
        await verifying.resolve_flag(
            case.reference, flag["id"], "explained", "Dicek dengan nota asli.", by=verifier, now=case.now
        )
    rows = await db.fetch("SELECT line_id FROM claim_line WHERE claim_id = $1", claim.id)
    accepted = [LineRuling(row["line_id"], Verdict.ACCEPT) for row in rows]
    await verifying.rule_lines(case.reference, accepted, by=verifier, now=case.now)
    case.now += timedelta(days=1)
    reject = outcome is Outcome.REJECT
    await deciding.verify(
        case.reference,
        outcome,
        reasons=["no_local_share"] if reject else [],
        note="Porsi lokal di bawah tingkat pertama." if reject else "Semua catatan diperiksa dan terbukti.",
        by=verifier,
        now=case.now,
    )


async def _approve(case: Case, approver: int, desk: Desk, *, rejected: bool) -> None:
    case.now += timedelta(days=1)
    await deciding.approve(
        case.reference,
        Outcome.REJECT if rejected else Outcome.AWARD,
        reasons=["no_local_share"] if rejected else [],
        note="Setuju dengan pemeriksa pertama.",
        by=approver,
        desk=desk,
        now=case.now,
    )
    await _advance(case, desk)


async def _audit(case: Case) -> None:
    """Where a third person was drawn, they agree."""
    claim = await steps.get(case.reference)
    if claim.state is State.AUDITING:
        auditor = (await lots.chairs_of(claim.id))[Chair.AUDITOR]
        note = "Berkas lengkap; hitungan sama."
        await deciding.audit(case.reference, Outcome.AWARD, note=note, by=auditor, now=case.now)


async def _object(case: Case, desk: Desk) -> None:
    case.now += timedelta(days=2)
    words = "Pembelian ikan dari pasar Oeba bulan ini belum ikut dihitung. Mohon dilihat lagi."
    await claiming_answers.object_to(await _claim(case), words, by=case.person, now=case.now)
    await _advance(case, desk)


async def _effective(case: Case, officer: int, desk: Desk) -> None:
    case.now += timedelta(days=9)
    await effects.record_decree(
        case.reference,
        f"SK {100 + case.hotel_id}/KEP/{case.now:%m/%Y}",
        local_day(case.now),
        by=officer,
        secrets=desk.secrets,
        today=local_day(case.now),
        now=case.now,
    )


async def _rule() -> None:
    """R2 as a proposal, from the first month to come on."""
    proposer = await accounts.find_by_email(people.OFFICERS[0])
    if proposer is None:
        return
    today = clock.today()
    starts = max(R2.effective_from, Period(today.year, today.month).following().first_day)
    note = "Setelah setahun: tingkat pertama naik, pangan punya batas sendiri."
    rule = replace(R2, effective_from=starts)
    await programme.draft(rule, note=note, by=proposer.id, now=clock.now())
    await programme.propose(rule.version, by=proposer.id, now=clock.now())
