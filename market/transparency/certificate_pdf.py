"""A certificate on paper: what the issuing package says, and a square code that leads to the public check.

The issuer gives finished words; the words about the log are here. Typst sets it from a template that takes
everything as data, with fonts of its own inside the file; call `render_pdf` in a thread.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import segno

from market.i18n import formats
from market.i18n.messages import translate
from market.settings import Settings
from market.transparency.checkpoint import Checkpoint
from market.transparency.log import Entry
from market.values.text import Text, lazy
from market.web import urls

_TEMPLATE: Final = Path(__file__).parent / "typst" / "certificate.typ"


@dataclass(frozen=True, slots=True)
class Paper:
    """What a certificate says. All texts are already in the language it is set in."""

    locale: str
    issuer: str
    title: str
    number: str
    lead: str
    rows: Sequence[tuple[str, str]]
    issued_at: datetime
    big: tuple[str, str] | None = None
    notes: Sequence[str] = ()


def verify_url(entry: Entry, settings: Settings, locale: str) -> str:
    """The public page that says whether the log holds this entry and whether it still stands."""
    path = urls.path("transparency:verify", locale=locale)
    return f"{settings.base_url}{path}?entry={entry.index}&leaf={entry.leaf_hash_hex[:16]}"


def render_pdf(paper: Paper, entry: Entry, checkpoint: Checkpoint, url: str) -> bytes:
    """The certificate as PDF. Takes some tens of milliseconds of processor time."""
    import typst  # noqa: PLC0415 - 40 MB that only a process that sets a PDF should load

    data = json.dumps(_data(paper, entry, checkpoint, url), ensure_ascii=False)
    return typst.compile(
        _TEMPLATE,
        format="pdf",
        sys_inputs={"data": data},
        ignore_system_fonts=True,
        timestamp=paper.issued_at.replace(microsecond=0),  # typst takes whole seconds only
    )


def _data(paper: Paper, entry: Entry, checkpoint: Checkpoint, url: str) -> dict[str, Any]:
    def say(text: Text) -> str:
        return translate(text, paper.locale)

    position = formats.number(entry.index, paper.locale)
    size = formats.number(checkpoint.size, paper.locale)
    return {
        "lang": paper.locale,
        "issuer": paper.issuer,
        "title": paper.title,
        "number": paper.number,
        "lead": paper.lead,
        "big": list(paper.big) if paper.big else [],
        "rows": [list(row) for row in paper.rows],
        "notes": list(paper.notes),
        "qr": _qr(url),
        "check": say(lazy("Check this certificate")),
        "check_text": say(
            lazy(
                "Scan the code, or open the address below it. The page says whether the public log holds this"
                " certificate and whether it still stands. The JSON file with the same facts can be checked without"
                " trusting us."
            )
        ),
        "url": url,
        "log": [
            [say(lazy("Entry of the public log")), position],
            [say(lazy("Entry's hash")), entry.leaf_hash_hex],
            [say(lazy("In the checkpoint of")), say(lazy("%(size)s entries", size=size))],
            [say(lazy("Checkpoint's root")), checkpoint.root.hex()],
            [say(lazy("Log")), checkpoint.origin],
        ],
        "issued": say(lazy("Issued on %(time)s", time=formats.instant(paper.issued_at, paper.locale))),
    }


def _qr(url: str) -> str:
    """The address as a picture of squares (SVG)."""
    made = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        made, kind="svg", border=2, scale=4, xmldecl=False, svgns=True
    )
    return made.getvalue().decode()
