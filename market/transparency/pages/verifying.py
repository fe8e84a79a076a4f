"""Checking a certificate, a checkpoint, a proof or an entry: by this server here, and by the visitor's own browser.

The page says who checked what. It works without a script; with one, the browser does the sums itself and sends
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from market.transparency import checking, checkpoints
from market.transparency.certificates import State
from market.transparency.checking import Brought, Check, Finding
from market.transparency.keys import LogKeys
from market.transparency.kinds import open_facts
from market.transparency.notes import Verifier
from market.transparency.pages.reading import Line, line, state_words
from market.values.text import Text, lazy
from market.web.forms import Form, filled
from market.web.guards import ANYONE, page
from market.web.render import render, words
from market.web.request import locale, tools

MOST_BYTES = 250_000
_MOST_TEXT = 200_000

BROUGHT: dict[Brought, Text] = {
    Brought.CERTIFICATE: lazy("A certificate"),
    Brought.CHECKPOINT: lazy("A checkpoint"),
    Brought.PROOF: lazy("A proof that the log holds an entry"),
    Brought.ENTRY: lazy("An entry of the log"),
    Brought.UNKNOWN: lazy("Nothing we know"),
}
_GOOD: dict[Check, Text] = {
    Check.FACTS: lazy("The facts are those the entry stands for"),
    Check.SIGNATURE: lazy("The log's key signed the checkpoint"),
    Check.INCLUSION: lazy("The checkpoint holds the entry"),
    Check.SAME_ENTRY: lazy("The log holds exactly this entry"),
    Check.HISTORY: lazy("The log still begins with everything that checkpoint covers"),
}
_BAD: dict[Check, Text] = {
    Check.FACTS: lazy("The facts are not those the entry stands for: something was changed"),
    Check.SIGNATURE: lazy("No key of this log signed the checkpoint, or it was changed"),
    Check.INCLUSION: lazy("The checkpoint does not hold the entry"),
    Check.SAME_ENTRY: lazy("The log does not hold this entry there"),
    Check.HISTORY: lazy(
        "The log today is of another history than that checkpoint. Please tell the newspapers and us."
    ),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a check list."""

    state: str
    title: str
    text: str
    tag: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Found:
    """What the server found, in words."""

    brought: str
    holds: bool
    known: bool
    checks: Sequence[Item]
    facts: Sequence[tuple[str, str]]
    entry: Line | None
    state: tuple[str, str] | None
    ended_by: Line | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Verify:
    """Context of transparency/verify.html."""

    form: Form[Any]
    found: Found | None
    key: str


async def ask(request: Request) -> Response:
    """The form; with `entry` and `leaf` (from a printed certificate's code) the answer for that entry at once."""
    index, leaf = request.query_params.get("entry", ""), request.query_params.get("leaf", "")
    finding = None
    if index.isascii() and index.isdigit() and len(index) <= 15:
        finding = await checking.printed(
            int(index), leaf[:64].lower(), await _trusted(request), _origin(request)
        )
    return _answer(request, filled({}), finding)


async def verify(request: Request) -> Response:
    """Check what was pasted or uploaded."""
    data = await request.form()
    pasted, upload = data.get("text"), data.get("file")
    text = pasted if isinstance(pasted, str) else ""
    if isinstance(upload, UploadFile) and upload.size:
        text = (await upload.read(_MOST_TEXT + 1)).decode("utf-8-sig", errors="replace")
    text = text.replace("\r\n", "\n").replace("\x00", "").encode(errors="replace").decode()
    form: Form[Any] = Form({"text": [text[:_MOST_TEXT]]}, None)
    if not text.strip():
        form.add_error("text", words(request, lazy("Paste something to check, or choose a file.")))
        return _answer(request, form, None)
    if len(text) > _MOST_TEXT:
        form.add_error("text", words(request, lazy("This text is too long.")))
        return _answer(request, form, None)
    return _answer(request, form, await checking.check(text, await _trusted(request), _origin(request)))


def _origin(request: Request) -> str:
    return tools(request).of(LogKeys).origin


async def _trusted(request: Request) -> list[Verifier]:
    """The log's keys of today and of earlier times."""
    keys = tools(request).of(LogKeys)
    return [*keys.verifiers, *(key for key in await checkpoints.keys_in_log() if key.name == keys.origin)]


def _answer(request: Request, form: Form[Any], finding: Finding | None) -> Response:
    key = str(tools(request).of(LogKeys).verifier)
    context = Verify(form, _found(request, finding) if finding else None, key)
    title = words(request, lazy("Check a certificate or the log"))
    text = words(
        request,
        lazy("Paste or upload a certificate, a checkpoint, a proof or an entry and see whether it holds."),
    )
    return render(request, "transparency/verify.html", context, title=title, description=text)


def _found(request: Request, finding: Finding) -> Found:
    entry, standing = finding.entry, finding.standing
    ended = standing.ended_by if standing and standing.state is not State.CURRENT else None
    return Found(
        brought=words(request, BROUGHT[finding.brought]),
        holds=finding.holds,
        known=finding.brought is not Brought.UNKNOWN,
        checks=[
            Item("ok" if passed else "bad", words(request, (_GOOD if passed else _BAD)[check]), "", None)
            for check, passed in finding.checks
        ],
        facts=open_facts(
            entry.leaf.kind if entry else "",
            finding.facts or (entry.leaf.public if entry else None),
            locale(request),
        ),
        entry=line(request, entry) if entry else None,
        state=state_words(request, standing) if standing else None,
        ended_by=line(request, ended) if ended else None,
        size=finding.checkpoint.size if finding.checkpoint else None,
    )


routes = [
    page("/{locale}/verify", ask, access=ANYONE, name="transparency:verify"),
    page(
        "/{locale}/verify",
        verify,
        access=ANYONE,
        name="transparency:verify_post",
        methods=("POST",),
        max_body=MOST_BYTES,
    ),
]
