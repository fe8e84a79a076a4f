"""What a mail says, from a template, in the recipient's language.

`market/<feature>/templates/<feature>/mail_x.txt` is enough: its first line is the subject, the rest the text,
and the HTML part is made from it in the common frame. A paragraph of two lines whose second is an address
(`Sign in here:` / `https://…`) becomes a button, lines that start with `- ` a list. A `mail_x.html` beside it
that extends `notifications/mail_frame.html` replaces the made one. Templates see their context, `brand`,
`city`, and `link(route, **params)`, the full address of a page in the recipient's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jinja2

from market.i18n.locales import LOCALES
from market.settings import Settings
from market.web import urls
from market.web.render import context_dict, environment

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FRAME = "notifications/mail_frame.html"


@dataclass(frozen=True, slots=True)
class Wording:
    """The three forms of a mail's words; `href` is the path its button leads to, when that is on our site."""

    subject: str
    text: str
    html: str
    href: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of the HTML part: plain lines, a list, or a button that leads somewhere."""

    kind: str
    lines: tuple[str, ...]
    href: str = ""


@lru_cache(maxsize=len(LOCALES))
def _text_environment(locale: str) -> jinja2.Environment:
    return environment(locale).overlay(autoescape=False)


def blocks(text: str) -> list[Block]:
    """The paragraphs of a plain text, told apart by how they are written."""
    found: list[Block] = []
    for paragraph in text.strip().split("\n\n"):
        lines = tuple(line.strip() for line in paragraph.strip().splitlines() if line.strip())
        if not lines:
            continue
        if len(lines) == 2 and lines[1].startswith(("http://", "https://")) and " " not in lines[1]:
            found.append(Block("button", (lines[0].rstrip(":"),), lines[1]))
        elif all(line.startswith("- ") for line in lines):
            found.append(Block("list", tuple(line[2:] for line in lines)))
        else:
            found.append(Block("lines", lines))
    return found


def mail_from_template(
    template: str, context: Mapping[str, Any] | DataclassInstance, locale: str, settings: Settings
) -> Wording:
    """The mail `template` (`bookings/mail_confirmed`, without its ending) says about `context`."""
    given = context_dict(context) if is_dataclass(context) else dict(context)

    def link(name: str, **params: Any) -> str:
        return settings.base_url + urls.path(name, **{"locale": locale, **params})

    known = {"brand": settings.brand, "city": settings.city, "link": link, **given}
    written = _text_environment(locale).get_template(f"{template}.txt").render(known).strip()
    subject, _, text = written.partition("\n")
    text = text.strip() + "\n"
    parts = blocks(text)
    frame = {**known, "subject": subject.strip(), "blocks": parts, "home": settings.base_url}
    html = environment(locale).select_template([f"{template}.html", FRAME]).render(frame)
    ours = [block.href for block in parts if block.href.startswith(f"{settings.base_url}/")]
    href = ours[0].removeprefix(settings.base_url) if ours else ""
    return Wording(subject.strip(), text, html, href, settings.brand)
