"""What the claims' entries of the public log, and what stands openly in them, are called on its pages."""

from __future__ import annotations

from market.claims.draws import AuditCause
from market.claims.lots import CHAIRS
from market.i18n.messages import translate
from market.transparency.kinds import (
    as_day,
    as_list,
    as_money,
    as_month,
    as_number,
    as_share,
    as_yes_or_no,
    name_fact,
    name_kind,
    name_subject,
    name_table,
    one_of,
)
from market.values.text import lazy

name_kind("rule.effective", lazy("A rule of the programme put into force"))
name_kind("claim.submitted", lazy("A hotel's claim submitted"))
name_kind("draw.committed", lazy("Candidates of a draw committed"))
name_kind("draw.made", lazy("A draw made"))
name_kind("decision.recorded", lazy("A decision on a claim"))
name_kind("objection.raised", lazy("An objection to a decision"))
name_kind("award.recommended", lazy("An award recommended"))
name_kind("award.effective", lazy("An award in effect"))
name_kind("award.corrected", lazy("An award corrected"))
name_kind("award.superseded", lazy("An award superseded by a correction"))
name_kind("budget.shared", lazy("A month's budget shared out"))
name_kind("certificate.revoked", lazy("A certificate taken back"))

name_subject("claim", lambda code, locale: translate(lazy("Claim %(code)s", code=code), locale))
name_subject("rule", lambda version, locale: translate(lazy("Rule %(version)s", version=version), locale))
name_subject(
    "budget",
    lambda rest, locale: translate(
        lazy("Budget of %(month)s", month=as_month(rest.partition(":")[0], locale)), locale
    ),
)

# Claims, awards and certificates
name_fact("claim", lazy("Claim"))
name_fact("hotel", lazy("Hotel"))
name_fact("period", lazy("Month"), as_month)
name_fact("correction", lazy("Correction of an earlier claim"), as_yes_or_no)
name_fact("lines", lazy("Lines"), as_number)
name_fact("lines_sha256", lazy("Fingerprint of the lines"))
name_fact("share", lazy("Local share"), as_share)
name_fact("tax_principal", lazy("Tax of the month"), as_money)
name_fact("award", lazy("Award"), as_money)
name_fact("adjustment", lazy("From corrections of earlier months"), as_money)
name_fact("payable", lazy("Comes off the tax"), as_money)
name_fact("budget_shared", lazy("Lowered because the budget was shared"), as_yes_or_no)
name_fact("certificate", lazy("Certificate"))
name_fact("decree", lazy("Mayor's decree"))
name_fact("decree_on", lazy("Day of the decree"), as_day)
name_fact("rule", lazy("Rule"))
name_fact(
    "kind",
    lazy("Kind"),
    one_of(
        {"original": lazy("First claim of the month"), "correction": lazy("Correction of an earlier claim")}
    ),
)
name_fact("original", lazy("Corrects claim"))
name_fact("before", lazy("Award before"), as_money)
name_fact("after", lazy("Award after"), as_money)
name_fact("difference", lazy("Difference"), as_money)
name_fact("by", lazy("Corrected by claim"))

# Decisions
name_fact(
    "kind",
    lazy("Step"),
    one_of(
        {
            "verify": lazy("Verification"),
            "approve": lazy("Approval"),
            "audit": lazy("Audit"),
            "review": lazy("Objection"),
            "objection": lazy("Objection"),
            "undo": lazy("A decision undone"),
        }
    ),
    kind="decision.recorded",
)
name_fact(
    "outcome",
    lazy("Decision"),
    one_of(
        {
            "award": lazy("Award granted"),
            "reject": lazy("Rejected"),
            "send_back": lazy("Sent back to the step before"),
        }
    ),
)
name_fact("officer", lazy("Officer (code)"))
name_fact("undoes", lazy("Undoes entry no."), as_number)

# Draws
_DRAWS = one_of(
    {
        "lot": lazy("Lot for verifier and approver"),
        "audit": lazy("Draw for the audit"),
        "sample": lazy("Sample of rupiah"),
        "reviewer": lazy("Lot for the reviewer of an objection"),
    }
)
for _kind in ("draw.committed", "draw.made"):
    name_fact("kind", lazy("Draw"), _DRAWS, kind=_kind)
    name_fact("award", lazy("Award that was approved"), as_money, kind=_kind)
name_fact("round", lazy("Time it is drawn"), as_number)
name_fact("officers", lazy("Officers who may be drawn (codes)"), as_list)
name_fact("may_verify", lazy("Of these, may verify"), as_list)
name_fact("chairs", lazy("To be drawn"), one_of({chair.value: words for chair, words in CHAIRS.items()}))
name_fact("percent", lazy("Audited, of a hundred"), as_number)
name_fact("always_over", lazy("Audited always, above"), as_money)
name_fact("first_claim", lazy("The hotel's first claim, audited always"), as_yes_or_no)
name_fact("book_value", lazy("Rupiah that are counted"), as_money)
name_fact("size", lazy("Rupiah that are drawn"), as_number)
name_fact("interval", lazy("Distance between them"), as_money)
name_fact("start", lazy("Begins at rupiah"), as_number)
name_fact(
    "seed_source",
    lazy("The seed comes from"),
    one_of(
        {
            "checkpoint": lazy("the first checkpoint of this log that covers this entry"),
            "drand-quicknet": lazy("a round of the public randomness beacon drand that lies ahead"),
        }
    ),
)
name_fact(
    "seed_after",
    lazy("Round of the beacon"),
    lambda value, locale: as_number(value, locale) if value else "",
)
name_fact("committed", lazy("Candidates in entry no."), as_number)
name_fact("seed", lazy("Seed"))
name_fact("seed_reference", lazy("Where the seed stands"))
name_fact("order", lazy("Order of the lot (codes)"), as_list)
name_fact(
    "cause",
    lazy("Why it is audited"),
    one_of(
        {
            AuditCause.FIRST_CLAIM.value: lazy("the hotel's first claim"),
            AuditCause.LARGE_AWARD.value: lazy("a large award"),
            AuditCause.DRAWN.value: lazy("drawn by lot"),
        }
    ),
)
for _chair, _words in CHAIRS.items():
    name_fact(_chair.value, _words)

# Rules and budgets
name_fact("version", lazy("Version"))
name_fact("sha256", lazy("Fingerprint of the rule"))
name_fact("effective_from", lazy("In force from"), as_day)
name_fact("budget", lazy("Budget"), as_money)


def _parts(value: object, locale: str) -> str:
    found = value.items() if isinstance(value, dict) else ()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return "; ".join(f"{claim}: {as_money(amount, locale)}" for claim, amount in found)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


name_fact("awards", lazy("Awards before"), _parts)
name_fact("given", lazy("Awards after"), _parts)

name_table("claim_event", lazy("Steps of claims"))
name_table("line_decision", lazy("Officers' decisions on single lines"))
name_table("claim_decision", lazy("Officers' decisions on claims"))
