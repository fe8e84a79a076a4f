"""What stands around a claim's desk: its title, clock, figures as claimed and as they stand, documents, choices."""

from __future__ import annotations

from market import clock
from market.claims import asking, steps
from market.claims.awards import CappedBy
from market.claims.desk_rows import HoldRow, More
from market.claims.hotel_pages.claim_words import DOCUMENTS, DocumentKind
from market.claims.hotel_pages.words import CAPPED
from market.claims.officer_pages import words
from market.claims.reckoning import Reckoned
from market.claims.states import AT_WORK
from market.claims.steps import ClaimHead
from market.i18n import formats
from market.i18n.messages import translate
from market.values.dates import local_day
from market.values.text import Text, lazy
from market.web import urls


def subtitle(claim: ClaimHead, more: More, locale: str) -> str:
    said = translate(
        lazy(
            "%(reference)s, submitted %(when)s by %(name)s",
            reference=claim.reference,
            when=formats.instant(claim.submitted_at, locale),
            name=more.submitted_by,
        ),
        locale,
    )
    if more.corrects:
        said = f"{said}. {translate(lazy('Corrects %(reference)s', reference=more.corrects), locale)}"
    return said


def due_tag(claim: ClaimHead, locale: str) -> tuple[str, str]:
    if claim.due_at is None or claim.state not in AT_WORK:
        return "", ""
    due = local_day(claim.due_at)
    left = steps.working_days_left(due, clock.today())
    text = lazy("Due %(day)s", day=formats.day_short(due, locale))
    return ("bad" if left < 0 else "wait" if left <= 2 else ""), translate(text, locale)


def facts(claim: ClaimHead, more: More, locale: str) -> list[tuple[str, str]]:
    rows: list[tuple[Text, str]] = [
        (
            lazy("Purchases"),
            f"{formats.money(more.denominator, locale)}, {formats.number(claim.line_count, locale)} "
            + translate(lazy("lines"), locale),
        ),
        (lazy("Books as the hotel states"), formats.money(claim.stated_total, locale)),
        (lazy("Local share claimed"), words.share_shown(more.share, locale)),
        (lazy("Tax principal stated"), formats.money(claim.tax_principal, locale)),
        (lazy("Award claimed"), formats.money(claim.award, locale)),
        (lazy("Hash of the lines"), claim.snapshot_sha256),
    ]
    if more.difference_note:
        rows.append((lazy("Difference, in the hotel's words"), more.difference_note))
    return [(translate(label, locale), text) for label, text in rows]


def bill(claim: ClaimHead, more: More, now: Reckoned, locale: str) -> list[tuple[str, str]]:
    result = now.result
    rate = result.tier.rate_bp if result.tier else 0
    rows: list[tuple[Text, str]] = [
        (lazy("Local share after decisions"), words.share_shown(now.share, locale)),
        (lazy("Rate"), formats.basis_points(rate, locale)),
        (lazy("Award after decisions"), formats.money(result.award.amount, locale)),
        (lazy("Award claimed"), formats.money(claim.award, locale)),
    ]
    if result.award.capped_by is not None:
        rows.append((lazy("Held down by"), translate(CAPPED[CappedBy(result.award.capped_by)], locale)))
    if claim.decided_award is not None:
        rows.append((lazy("Award decided"), formats.money(claim.decided_award, locale)))
    if more.adjustment:
        rows.append((lazy("From earlier corrections"), formats.money(more.adjustment, locale)))
    if claim.payable is not None:
        rows.append((lazy("Payable"), formats.money(claim.payable, locale)))
    if more.sk is not None:
        rows.append((lazy("Decree"), f"{more.sk[0]}, {formats.day(more.sk[1], locale)}"))
    return [(translate(label, locale), text) for label, text in rows]


def certificate(claim: ClaimHead, more: More, locale: str) -> tuple[str, str, str] | None:
    if not more.certificate:
        return None
    href = urls.path("claims:officer_certificate", locale=locale, reference=claim.reference)
    states = {"valid": lazy("Valid"), "superseded": lazy("Superseded"), "revoked": lazy("Taken back")}
    return more.certificate, href, translate(states[more.certificate_state], locale)


def documents(claim: ClaimHead, more: More, locale: str) -> list[tuple[str, str, str]]:
    return [
        (
            str(one["filename"]),
            urls.path(
                "claims:officer_document",
                locale=locale,
                reference=claim.reference,
                document=str(one["reference"]),
            ),
            translate(DOCUMENTS[DocumentKind(one["kind"])], locale),
        )
        for one in more.documents
    ]


def hold_words(hold: HoldRow | None, locale: str) -> tuple[str, str] | None:
    if hold is None:
        return None
    reason = translate(asking.HOLD_REASONS[hold.reason], locale)
    return f"{reason}: {hold.note}", f"{hold.person}, {formats.instant(hold.begun_at, locale)}"


def options(named: dict[str, Text], locale: str) -> list[tuple[str, str]]:
    return [(code, translate(text, locale)) for code, text in named.items()]


def task_states(locale: str) -> list[tuple[str, str]]:
    rows = {
        "passed": lazy("In order"),
        "attention": lazy("To be weighed"),
        "failed": lazy("Not in order"),
    }
    return options(rows, locale)
