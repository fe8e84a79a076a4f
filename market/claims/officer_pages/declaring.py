"""An officer's own declarations: hotels, suppliers, numbers of people close to them. They leave what they forbid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.claims import chairs, conflicts
from market.claims.conflicts import ConflictKind
from market.errors import DomainError, Invalid
from market.i18n import formats
from market.i18n.messages import translate
from market.values.text import Text, lazy, lazy_n
from market.web import urls
from market.web.forms import Form, filled, raw_values
from market.web.problems import status_of
from market.web.render import redirect, render
from market.web.render import words as say
from market.web.request import locale as locale_of
from market.web.request import person_id, settings

KINDS: Final[dict[ConflictKind, Text]] = {
    ConflictKind.HOTEL: lazy("A hotel"),
    ConflictKind.SUPPLIER: lazy("A supplier"),
    ConflictKind.NPWP: lazy("A tax number (NPWP)"),
    ConflictKind.PHONE: lazy("A phone number"),
    ConflictKind.BANK: lazy("A bank account"),
}


@dataclass(frozen=True, slots=True)
class DeclaredView:
    id: int
    title: str
    note: str
    when: str


@dataclass(frozen=True, slots=True)
class Declarations:
    """Context of claims/officer_conflicts.html."""

    rows: list[DeclaredView]
    form: Form[Any]
    kinds: list[tuple[str, str]]
    organisations: list[tuple[str, str]]


async def show(request: Request) -> Response:
    """What the viewer declared, and the form for more."""
    return await _page(request, filled({}))


async def _page(request: Request, form: Form[Any], status: int = 200) -> Response:
    locale = locale_of(request)
    rows = [
        DeclaredView(
            one.id,
            f"{translate(KINDS[one.kind], locale)} {one.name}".strip(),
            one.note,
            formats.instant(one.declared_at, locale),
        )
        for one in await conflicts.declared_by(person_id(request))
    ]
    organisations = await db.fetch(
        "SELECT id, name, kind FROM organisation WHERE kind IN ('hotel', 'supplier') ORDER BY kind, name LIMIT 2000"
    )
    context = Declarations(
        rows=rows,
        form=form,
        kinds=[(kind.value, translate(text, locale)) for kind, text in KINDS.items()],
        organisations=[("", "–"), *((str(row["id"]), row["name"]) for row in organisations)],
    )
    title = lazy("Whom you are related to")
    return render(
        request,
        "claims/officer_conflicts.html",
        context,
        title=say(request, lazy("Fix: %(title)s", title=say(request, title)) if form.errors else title),
        robots="noindex",
        status=status,
    )


async def declare(request: Request) -> Response:
    """Write a declaration down and leave the claims it forbids."""
    me, raw = person_id(request), raw_values(await request.form())
    typed = {name: values[0].strip() for name, values in raw.items() if values}
    try:
        if typed.get("kind") not in {kind.value for kind in ConflictKind}:
            raise Invalid(message=lazy("Choose one of the options."), field="kind")
        number = typed.get("organisation", "")
        await conflicts.declare(
            me,
            ConflictKind(typed["kind"]),
            organisation_id=int(number)
            if number.isascii() and number.isdigit() and len(number) < 18
            else None,
            value=typed.get("value", "")[:100],
            note=typed.get("note", "")[:500],
            by=me,
            secret=settings(request).secret_key,
            now=clock.now(),
        )
        left = await chairs.leave_related(me, secrets=settings(request).secrets, now=clock.now())
    except DomainError as refusal:
        message = translate(refusal.message, locale_of(request))
        form: Form[Any] = Form(raw, None, [(getattr(refusal, "field", None) or "", message)])
        return await _page(request, form, status_of(refusal))
    done = lazy_n("Written down. You left %(count)s claim.", "Written down. You left %(count)s claims.", left)
    return redirect(request, urls.path("claims:officer_conflicts", locale=locale_of(request)), flash=done)


async def end(request: Request) -> Response:
    """A declaration no longer holds."""
    me = person_id(request)
    await conflicts.end(int(request.path_params["conflict_id"]), person_id=me, by=me, now=clock.now())
    to = urls.path("claims:officer_conflicts", locale=locale_of(request))
    return redirect(request, to, flash=lazy("It no longer holds; it stays to be read."))
