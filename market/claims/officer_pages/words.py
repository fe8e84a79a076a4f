"""What the keys of claims are called on the officers' pages: papers, answers, verdicts, decisions, events."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from market.claims.flags.wording import TITLES
from market.claims.rulings import REASONS, Verdict
from market.claims.tasks import TaskState
from market.claims.verifying import RESOLUTIONS
from market.i18n import formats
from market.i18n.messages import translate
from market.values.share import Share
from market.values.text import Text, lazy, lazy_n

PAPERS: Final[dict[str, Text]] = {
    "nota": lazy("Nota"),
    "receipt": lazy("Receipt"),
    "invoice": lazy("Invoice"),
    "tax_invoice": lazy("Tax invoice"),
    "delivery_note": lazy("Delivery note"),
}
ANSWERS: Final[dict[str, Text]] = {
    "none": lazy("Not asked"),
    "asked": lazy("Asked, no answer yet"),
    "yes": lazy("Supplier says yes"),
    "other_amount": lazy("Supplier names another amount"),
    "not_mine": lazy("Supplier says: not mine"),
    "silent": lazy("Supplier did not answer"),
}
TASK_STATES: Final[dict[TaskState, Text]] = {
    TaskState.OPEN: lazy("To do"),
    TaskState.PASSED: lazy("In order"),
    TaskState.ATTENTION: lazy("To be weighed"),
    TaskState.FAILED: lazy("Not in order"),
}
VERDICTS: Final[dict[Verdict, Text]] = {
    Verdict.ACCEPT: lazy("Counts as logged"),
    Verdict.AMOUNT: lazy("Use another amount"),
    Verdict.EXCLUDE: lazy("Leave out of the local part"),
    Verdict.OUT_OF_SCOPE: lazy("Leave out altogether"),
}
DECISIONS: Final[dict[tuple[str, str], Text]] = {
    ("verify", "award"): lazy("Verifier recommends an award"),
    ("verify", "reject"): lazy("Verifier recommends a rejection"),
    ("approve", "award"): lazy("Approver agrees to the award"),
    ("approve", "reject"): lazy("Approver agrees to the rejection"),
    ("approve", "send_back"): lazy("Approver sends it back to the verifier"),
    ("audit", "award"): lazy("Auditor agrees"),
    ("audit", "send_back"): lazy("Auditor sends it back to the approver"),
    ("objection", "award"): lazy("Decided anew after an objection: award"),
    ("objection", "reject"): lazy("Decided anew after an objection: no award"),
}
EVENTS: Final[dict[str, Text]] = {
    "opened": lazy("Draft opened"),
    "submitted": lazy("Claim submitted"),
    "checked": lazy("Automatic checks done"),
    "draw.lot.committed": lazy("Candidates committed to the public log"),
    "draw.lot.made": lazy("Lot drawn"),
    "draw.sample.committed": lazy("Sample committed to the public log"),
    "draw.sample.made": lazy("Sample drawn"),
    "draw.audit.committed": lazy("Audit draw committed to the public log"),
    "draw.audit.made": lazy("Audit draw made"),
    "draw.reviewer.committed": lazy("Candidates for the objection committed to the public log"),
    "draw.reviewer.made": lazy("Reviewer of the objection drawn"),
    "drawn": lazy("Verifier and approver seated"),
    "lot.again": lazy("A chair is drawn again"),
    "verifying": lazy("Verification begun"),
    "verified.stands": lazy("The verification stands for the new approver"),
    "verified.award": lazy("Verified: award recommended"),
    "verified.reject": lazy("Verified: rejection recommended"),
    "approved.award": lazy("Approved"),
    "approved.reject": lazy("Rejected"),
    "approved.send_back": lazy("Sent back to the verifier"),
    "audited.award": lazy("Audit agrees"),
    "audited.send_back": lazy("Audit sends it back"),
    "not_audited": lazy("The audit draw passed this claim by"),
    "asked": lazy("Question to the hotel"),
    "answered": lazy("The hotel answered"),
    "question.closed": lazy("Question closed without an answer"),
    "held": lazy("Put on hold"),
    "hold.ended": lazy("Hold ended"),
    "flag.resolved": lazy("Flag resolved"),
    "lines.accepted": lazy("Lines accepted together"),
    "lines.decided": lazy("Lines decided"),
    "undo.proposed": lazy("Undo asked for"),
    "undo.refused": lazy("Undo not agreed to"),
    "undone.verify": lazy("Verification undone"),
    "undone.approve": lazy("Approval undone"),
    "undone.audit": lazy("Audit undone"),
    "objected": lazy("The hotel objects"),
    "objection.award": lazy("Objection decided: award"),
    "objection.reject": lazy("Objection decided: no award"),
    "left.verifier": lazy("The verifier left the claim"),
    "left.approver": lazy("The approver left the claim"),
    "left.auditor": lazy("The auditor left the claim"),
    "left.reviewer": lazy("The reviewer left the claim"),
    "effective": lazy("Decree recorded, award in effect"),
    "corrects": lazy("Takes the place of an earlier claim"),
    "superseded": lazy("Superseded by a correction"),
    "certificate.revoked": lazy("Certificate taken back"),
    "evidence.seen": lazy("Evidence opened"),
    "task.tax_principal": lazy("Task by hand: tax principal"),
    "task.compliance": lazy("Task by hand: tax compliance"),
    "task.documents": lazy("Task by hand: documents"),
}


def share_shown(written: str, locale: str) -> str:
    """A stored share as people read it; a dash where there is none."""
    return formats.share(Share.parse(written), locale) if written else "–"


def bar_percent(written: str) -> str:
    """A stored share as the width of a bar, 0 to 100 with one decimal."""
    value = Share.parse(written).value if written else Fraction(0)
    tenths = min(max(int(value * 1000), 0), 1000)
    return f"{tenths // 10}.{tenths % 10}"


def event(name: str, locale: str) -> str:
    """An act's words; its name where a later version of the program wrote it."""
    found = EVENTS.get(name)
    return translate(found, locale) if found else name


def event_reason(name: str, reason: str, locale: str) -> str:
    """What stands beside an act: officers' own words as they are, and codes in the reader's language."""
    if name.startswith("task."):
        state, _, note = reason.partition(": ")
        said = translate(TASK_STATES[TaskState(state)], locale) if state in set(TaskState) else state
        return f"{said}. {note}" if note else said
    if name == "flag.resolved":
        rule, _, rest = reason.partition(": ")
        resolution, _, note = rest.partition(". ")
        title = translate(TITLES.get(rule, rule), locale)
        return f"{title}. {translate(RESOLUTIONS.get(resolution, resolution), locale)}. {note}".strip()
    if name == "lines.accepted" and reason.isdigit():
        return translate(lazy_n("%(count)s line", "%(count)s lines", int(reason)), locale)
    return reason


def verdict_options(locale: str, *, credit_note: bool) -> list[tuple[str, Any]]:
    """The choices for a line: one that accepts, and coded reasons by verdict."""
    accept = (Verdict.ACCEPT.value, translate(VERDICTS[Verdict.ACCEPT], locale))
    options: list[tuple[str, Any]] = [("", translate(lazy("Not decided"), locale)), accept]
    if credit_note:
        return options
    for verdict in (Verdict.EXCLUDE, Verdict.AMOUNT, Verdict.OUT_OF_SCOPE):
        group = [
            (f"{verdict.value}:{reason}", translate(words, locale))
            for reason, words in REASONS[verdict].items()
        ]
        options.append((translate(VERDICTS[verdict], locale), group))
    return options


def ruling_words(verdict: str, reason: str, locale: str) -> str:
    """A decision on a line in words."""
    if not verdict:
        return translate(lazy("Not decided"), locale)
    found = Verdict(verdict)
    said = translate(VERDICTS[found], locale)
    return f"{said}: {translate(REASONS[found][reason], locale)}" if reason in REASONS[found] else said
