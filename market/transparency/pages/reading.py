"""Reading the log: its own page with the newest entries, and a page for every entry."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market.errors import NotFound
from market.i18n import formats
from market.transparency import certificates, checkpoints, log, witnesses
from market.transparency.certificates import Standing, State
from market.transparency.keys import LogKeys
from market.transparency.kinds import name_of, open_facts, subject_words
from market.transparency.log import Signed
from market.values.text import Text, lazy
from market.web.guards import ANYONE, page
from market.web.render import render, words
from market.web.request import locale, settings, tools

PAGE = 25
STATES: dict[State, tuple[str, Text]] = {
    State.CURRENT: ("ok", lazy("Stands")),
    State.SUPERSEDED: ("wait", lazy("Superseded")),
    State.REVOKED: ("bad", lazy("Revoked")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in a list."""

    index: int
    kind: str
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """Context of transparency/log.html."""

    size: int
    checkpoint: Signed | None
    lines: Sequence[Line]
    older: int | None
    is_first_page: bool
    keys: Sequence[str]
    witnesses: Sequence[str]
    address: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry's page: context of transparency/entry.html."""

    index: int
    kind: str
    subject: str
    at: datetime
    leaf: str
    leaf_hash: str
    public: Sequence[tuple[str, str]]
    erased: bool
    state: tuple[str, str]
    ended_by: Line | None
    history: Sequence[Line]
    path: Sequence[str]
    checkpoint: Signed | None
    key: str


def line(request: Request, entry: log.Entry) -> Line:
    """An entry for a list, its kind in words."""
    kind, subject = (
        words(request, name_of(entry.leaf.kind)),
        subject_words(entry.leaf.subject, locale(request)),
    )
    return Line(entry.index, kind, subject, entry.leaf.at)


def state_words(request: Request, standing: Standing) -> tuple[str, str]:
    """Kind of tag and word for the state of an entry."""
    kind, text = STATES[standing.state]
    return kind, words(request, text)


async def overview(request: Request) -> Response:
    """What the log is, its newest entries and how to check it."""
    asked = request.query_params.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 15 else None
    entries = await log.newest_entries(PAGE + 1, before=before)
    lines = [line(request, entry) for entry in entries[:PAGE]]
    context = Overview(
        size=await log.size(),
        checkpoint=await log.current_checkpoint(),
        lines=lines,
        older=lines[-1].index if len(entries) > PAGE else None,
        is_first_page=before is None,
        keys=[str(verifier) for verifier in await _keys(request)],
        witnesses=await witnesses.public_names(),
        address=f"{settings(request).base_url}/log/",
    )
    title = words(request, lazy("The public log"))
    text = words(
        request, lazy("Every decision leaves an entry here that nobody can change unseen, not even we.")
    )
    return render(request, "transparency/log.html", context, title=title, description=text, keep=True)


async def _keys(request: Request) -> list[Any]:
    """The keys in use, then those of earlier times that the log itself names."""
    used = tools(request).of(LogKeys).verifiers
    return [*used, *(key for key in reversed(await checkpoints.keys_in_log()) if key not in used)]


async def show(request: Request) -> Response:
    """One entry: what it says, its proof, and what was said later about the same thing."""
    index = request.path_params["index"]
    entry, standing = await log.get_entry(index), await certificates.standing(index)
    if entry is None or standing is None:
        raise NotFound
    found = await log.entry_with_proof(index)
    context = Shown(
        index=index,
        kind=words(request, name_of(entry.leaf.kind)),
        subject=subject_words(entry.leaf.subject, locale(request)),
        at=entry.leaf.at,
        leaf=entry.leaf_bytes.decode(),
        leaf_hash=entry.leaf_hash_hex,
        public=open_facts(entry.leaf.kind, entry.leaf.public, locale(request)),
        erased=entry.salt is None,
        state=state_words(request, standing),
        ended_by=line(request, standing.ended_by) if standing.ended_by else None,
        history=[line(request, other) for other in standing.history if other.index != index],
        path=[base64.b64encode(part).decode() for part in found[1].hashes] if found else [],
        checkpoint=await log.current_checkpoint() if found else None,
        key=str(tools(request).of(LogKeys).verifier),
    )
    title = words(request, lazy("Entry %(index)s", index=formats.number(index, locale(request))))
    return render(request, "transparency/entry.html", context, title=title)


routes = [
    page("/{locale}/log", overview, access=ANYONE, name="transparency:log"),
    page("/{locale}/log/{index:int}", show, access=ANYONE, name="transparency:entry"),
]
