"""The rows of a claim's desk: frozen values as `desk_queries` reads them, without words. Questions, which both sides
read alike, are those of `claiming_history`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from market.claims.lots import Chair
from market.claims.states import State
from market.claims.tasks import Task, TaskState


@dataclass(frozen=True, slots=True)
class TaskRow:
    task: Task
    automatic: bool
    state: TaskState
    figures: Mapping[str, Sequence[Any]]
    note: str
    done_by: int | None


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag with its two figures, the papers to show side by side, and what came of it."""

    id: int
    rule: str
    version: int
    subject: str
    sentence: str
    figures: Mapping[str, Sequence[Any]]
    documents: tuple[int, ...]
    line_id: int | None
    resolution: str
    note: str
    resolved_by: int | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A purchase document as it stands beside another one; `said_by` is the agent who answered for the supplier."""

    id: int
    reference: str
    hotel: str
    hotel_id: int
    seller: str
    number: str
    paper: str
    invoice_on: date
    entered_at: datetime
    net_minor: int
    credit_note: bool
    confirmation: str
    confirmed_net_minor: int | None
    said: str
    said_by: str
    evidence: tuple[EvidenceRow, ...]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    reference: str
    filename: str
    media_type: str
    has_preview: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """A frozen line with the newest decision on it; `verdict` is "" while there is none."""

    line_id: int
    position: int
    document_id: int
    document: str
    number: str
    seller: str
    description: str
    category: str
    origin: str
    invoice_at: datetime
    net_minor: int
    credit_note: bool
    evidenced: bool
    confirmed: bool
    related: bool
    confirmed_net_minor: int | None
    verdict: str
    decided_net: int | None
    reason: str
    note: str
    flagged: bool
    sampled: bool


@dataclass(frozen=True, slots=True)
class ChairRow:
    chair: Chair
    person_id: int
    name: str
    left: bool
    left_reason: str


@dataclass(frozen=True, slots=True)
class EventRow:
    name: str
    to_state: State
    person: str
    reason: str
    log_index: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class DecisionRow:
    kind: str
    outcome: str
    person: str
    reasons: tuple[str, ...]
    note: str
    award: int
    share: str
    decided_at: datetime
    log_index: int
    undone: bool


@dataclass(frozen=True, slots=True)
class HoldRow:
    reason: str
    note: str
    begun_at: datetime
    person: str


@dataclass(frozen=True, slots=True)
class More:
    """The claim's own columns that only the desk shows."""

    hotel: str
    hotel_code: str
    submitted_by: str
    share: str
    capped_by: str
    denominator: int
    decided_share: str
    statements: Mapping[str, Any]
    documents: Sequence[Mapping[str, Any]]
    difference_note: str
    adjustment: int
    corrects: str
    sk: tuple[str, date] | None
    certificate: str
    certificate_state: str
