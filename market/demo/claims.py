"""Claims for the demo officers, in every state a desk knows, and a rule that waits for a second person.

Invented hotels bought in a month that is over; their claims are taken through the real commands with the acts of
whoever the lot names. Needs the installation's keys (lots take their seed from the log's checkpoints).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from market import clock, db
from market.accounts import queries as accounts
from market.accounts.models import Organisation
from market.claims import (
    advancing,
    asking,
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
from market.claims.deciding import Outcome
from market.claims.lots import Chair
from market.claims.rule_versions import R2
from market.claims.rulings import Verdict
from market.claims.seeds import CheckpointSeeds
from market.claims.states import State
from market.claims.tasks import TaskState
from market.claims.verifying import LineRuling
from market.db.sql import as_json
from market.demo import people
from market.media.adapters.disk import DiskStorage
from market.settings import Settings
from market.sourcing.keys import number_key, seller_key
from market.transparency.keys import load_keys
from market.values.dates import local_day, local_instant
from market.values.periods import Period

_PAPER: Final = b"%PDF-1.4\n% An invented letter of the demo.\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class _Plan:
    """A hotel, how much it bought, and how far its claim goes."""

    name: str
    months_back: int
    local: int
    other: int
    lines: int
    tax: int
    until: str
    odd: bool = False


_PLANS: Final = (
    _Plan("Wisma Flobamora (demo)", 3, 52_000_000, 71_000_000, 12, 61_000_000, "effective"),
    _Plan("Hotel Bukit Timor (demo)", 1, 88_000_000, 130_000_000, 14, 92_000_000, "verifying", odd=True),
    _Plan("Penginapan Bintang Laut (demo)", 1, 21_000_000, 33_000_000, 10, 18_000_000, "approving"),
    _Plan("Hotel Pasir Panjang (demo)", 1, 64_000_000, 83_000_000, 12, 74_000_000, "recommended"),
    _Plan("Losmen Sasando Indah (demo)", 2, 6_000_000, 41_000_000, 9, 12_000_000, "objected"),
    _Plan("Hotel Teluk Kupang Raya (demo)", 1, 240_000_000, 310_000_000, 46, 160_000_000, "drawn"),
)
_OUTSIDE: Final = ("Toko Sembako Jaya (demo)", "CV Nusa Pangan (demo)", "UD Sinar Bali (demo)")


async def load(config: Settings | None) -> None:
    """Hotels, purchases, claims and a proposed rule. Nothing without settings: the log has no key then."""
    if config is None:
        return
    goods = await _goods()
    desk = Desk(CheckpointSeeds(load_keys(config)), config.secrets, demo=True)
    for number, plan in enumerate(_PLANS, start=1):
        case = await _submitted(plan, number, goods, config)
        await _take(case, plan, desk)
    await _rule()


@dataclass(frozen=True, slots=True)
class _Goods:
    product_id: int
    supplier_id: int
    supplier: str
    name: str
    category: str
    unit: str
    origin: str
    price: int


async def _goods() -> list[_Goods]:
    """What the directory offers with a decided origin, judged by one officer: the others may verify."""
    officer = await accounts.find_by_email(people.OFFICERS[2])
    rows = await db.fetch(
        "SELECT p.id, p.supplier_id, s.name AS supplier, p.texts, p.category, p.unit, o.origin,"
        " COALESCE(p.price_low_minor, 50000) AS price FROM supplier_product p JOIN supplier s ON s.id = p.supplier_id"
        " JOIN origin_decision o ON o.product_id = p.id WHERE s.status = 'published' AND o.origin IN ('A', 'B')"
        " AND o.decided_by = $1 ORDER BY p.id LIMIT 12",
        officer.id if officer else 0,
    )
    return [
        _Goods(
            row["id"],
            row["supplier_id"],
            row["supplier"],
            as_json(row["texts"])["id"]["name"],
            row["category"],
            row["unit"],
            row["origin"],
            row["price"],
        )
        for row in rows
    ]


# --- purchases -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Case:
    reference: str
    hotel_id: int
    person: int
    period: Period
    now: datetime


def _month(back: int) -> Period:
    """A month that was over, and claimed, some days ago."""
    today = clock.today()
    first = today.replace(day=1)
    for _ in range(back if today.day >= 12 else back + 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return Period(first.year, first.month)


async def _submitted(plan: _Plan, number: int, goods: list[_Goods], config: Settings) -> _Case:
    period = _month(plan.months_back)
    now = local_instant(period.following().first_day + timedelta(days=8)) + timedelta(hours=1 + number)
    hotel = await Organisation.create(
        kind="hotel",
        slug=f"hotel-demo-{number}",
        name=plan.name,
        texts={"id": {"about": "Rekaan."}, "en": {"about": "Invented."}},
        created_at=now,
    )
    await db.execute(
        "INSERT INTO hotel_profile (organisation_id, code, area_code, room_count, updated_at)"
        " VALUES ($1, $2, $3, 40, $4)",
        hotel.id,
        f"H-DEMO-{number}",
        "53.71.03",
        now,
    )
    person = await people.create_person(
        f"Bagian pembelian {number} (demo)", f"hotel-claims{number}@demo.test", ""
    )
    await people.create_membership(person, "hotel", hotel.id)
    total = await _purchases(plan, number, hotel.id, person, period, goods)
    reference = await claiming_service.open_draft(hotel.id, period, by=person, now=now)
    case = _Case(reference, hotel.id, person, period, now)
    await _state(case, plan, total, config)
    claim = await claiming_queries.get_claim(reference, [hotel.id])
    if claim is None:
        raise LookupError(reference)
    await submitting.submit(claim, by=person, now=now)
    return case


async def _purchases(
    plan: _Plan, number: int, hotel_id: int, person: int, period: Period, goods: list[_Goods]
) -> int:
    """Papers of the month: local goods of the directory and the rest from outside; their sum."""
    random, total = Random(number), 0
    half = plan.lines // 2
    for index, net in enumerate(_parts(plan.local, plan.lines - half, random)):
        good = goods[index % len(goods)]
        total += await _paper(hotel_id, person, period, index, net, good, random, plan)
    for index, net in enumerate(_parts(plan.other, half, random)):
        total += await _paper(hotel_id, person, period, 100 + index, net, None, random, plan)
    if plan.odd:
        total += await _odd_papers(hotel_id, person, period, goods[0], random, plan)
    return total


def _parts(total: int, count: int, random: Random) -> list[int]:
    """Amounts as a month brings them, large and small."""
    weights = [random.randrange(30, 200) for _ in range(count)]
    return [total * weight // sum(weights) // 50 * 50 for weight in weights]


async def _odd_papers(
    hotel_id: int, person: int, period: Period, good: _Goods, random: Random, plan: _Plan
) -> int:
    """Three receipts just below the limit, and a supplier who names a smaller amount."""
    total = 0
    for index, net in enumerate((4_650_000, 4_420_000, 4_880_000)):
        total += await _paper(
            hotel_id, person, period, 200 + index, net, None, random, plan, paper="nota", day=11 + index
        )
    total += await _paper(
        hotel_id,
        person,
        period,
        210,
        4_600_000,
        good,
        random,
        plan,
        confirmation="other_amount",
        said=2_400_000,
    )
    return total


async def _paper(
    hotel_id: int,
    person: int,
    period: Period,
    index: int,
    net: int,
    good: _Goods | None,
    random: Random,
    plan: _Plan,
    *,
    paper: str = "tax_invoice",
    day: int | None = None,
    confirmation: str = "yes",
    said: int | None = None,
) -> int:
    """One paper with one line, standing as it would after evidence and the supplier's answer."""
    invoice_at = local_instant(date(period.year, period.month, day or random.randrange(1, 28))) + timedelta(
        hours=3
    )
    seller = good.supplier if good else _OUTSIDE[index % 3 if index < 200 else 0]
    key = seller_key(supplier_id=good.supplier_id if good else None, npwp="", name=seller)
    number = f"{hotel_id}-{period}-{index:03d}"
    entered_at = invoice_at + timedelta(days=random.randrange(1, 6))
    rows = await db.fetch(
        "INSERT INTO purchase_document (reference, hotel_id, kind, paper, supplier_id, seller_name, seller_key, number,"
        " number_key, invoice_at, invoice_on, period, net_minor, source, entered_by, entered_at, evidenced,"
        " confirmation, confirmed_net_minor) VALUES ($1, $2, 'purchase', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
        " 'form', $13, $14, TRUE, $15, $16) RETURNING id",
        f"DEMO{hotel_id}X{index}",
        hotel_id,
        paper,
        good.supplier_id if good else None,
        seller,
        key,
        number,
        number_key(number),
        invoice_at,
        local_day(invoice_at),
        str(period),
        net,
        person,
        entered_at,
        confirmation,
        said,
    )
    await db.execute(
        "INSERT INTO purchase_line (document_id, position, hotel_id, supplier_id, seller_key, period, invoice_at,"
        " credit_note, product_id, description, category, quantity_milli, unit, amount, net_minor, origin,"
        " origin_decided, evidenced, confirmed) VALUES ($1, 1, $2, $3, $4, $5, $6, FALSE, $7, $8, $9, $10, $11, $12,"
        " $13, $14, $15, TRUE, $16)",
        rows[0]["id"],
        hotel_id,
        good.supplier_id if good else None,
        key,
        str(period),
        invoice_at,
        good.product_id if good else None,
        good.name if good else "Sembako",
        good.category if good else "food",
        max(1, net // good.price) * 1000 if good and index % 4 == 0 else None,
        good.unit if good else "",
        str(net),
        net,
        good.origin if good else "X",
        good is not None,
        confirmation == "yes",
    )
    return net


async def _state(case: _Case, plan: _Plan, total: int, config: Settings) -> None:
    """What the hotel states and hands in."""
    claim = await claiming_queries.get_claim(case.reference, [case.hotel_id])
    if claim is None:
        raise LookupError(case.reference)
    stated = Stated(
        total=total + total // 200,
        tax_principal=plan.tax,
        compliant=True,
        arrears=Arrears.NONE,
        difference_note="Pembelian kecil tanpa nota.",
        late_note="",
    )
    await claiming_service.save(claim, stated, now=case.now)
    storage = DiskStorage(config.data_dir / "media", "/media")
    document = await claiming_documents.keep(
        _PAPER,
        "surat-pajak.pdf",
        DocumentKind.COMPLIANCE,
        claim.id,
        storage=storage,
        secrets=config.secrets,
        now=case.now,
    )
    await claiming_service.add_document(claim, document, now=case.now)


# --- the office ----------------------------------------------------------------------------------------------


async def _take(case: _Case, plan: _Plan, desk: Desk) -> None:
    """Take a claim as far as its plan says, a day or so a step."""
    await _advance(case, desk)
    if plan.until == "drawn":
        return
    claim = await steps.get(case.reference)
    chairs = await lots.chairs_of(claim.id)
    verifier = chairs[Chair.VERIFIER]
    case.now += timedelta(days=1)
    await verifying.begin(case.reference, by=verifier, now=case.now)
    if plan.until == "verifying":
        words = "Nota 4.600.000 berbeda dari jawaban pemasok (2.400.000). Mohon jelaskan selisihnya."
        await asking.ask(case.reference, words, by=verifier, now=case.now)
        return
    rejected = plan.until == "objected"
    await _verify(case, verifier, Outcome.REJECT if rejected else Outcome.AWARD)
    if plan.until == "approving":
        return
    await _decide(case, chairs[Chair.APPROVER], rejected, desk)
    if rejected:
        await _object(case, desk)
    elif plan.until == "effective":
        await _effective(case, desk)


async def _advance(case: _Case, desk: Desk) -> None:
    for _ in range(2):
        await advancing.everything(desk, now=case.now)


async def _verify(case: _Case, verifier: int, outcome: Outcome) -> None:
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


async def _decide(case: _Case, approver: int, rejected: bool, desk: Desk) -> None:
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
    claim = await steps.get(case.reference)
    if claim.state is State.AUDITING:
        auditor = (await lots.chairs_of(claim.id))[Chair.AUDITOR]
        note = "Berkas lengkap; hitungan sama."
        await deciding.audit(case.reference, Outcome.AWARD, note=note, by=auditor, now=case.now)


async def _object(case: _Case, desk: Desk) -> None:
    case.now += timedelta(days=2)
    claim = await claiming_queries.get_claim(case.reference, [case.hotel_id])
    if claim is not None:
        words = "Pembelian ikan dari pasar Oeba bulan ini belum ikut dihitung. Mohon dilihat lagi."
        await claiming_answers.object_to(claim, words, by=case.person, now=case.now)
    await _advance(case, desk)


async def _effective(case: _Case, desk: Desk) -> None:
    case.now += timedelta(days=9)
    free = await lots.officers(demo=True)
    await effects.record_decree(
        case.reference,
        f"SK 118/KEP/{case.now.year}",
        local_day(case.now),
        by=min(free),
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
