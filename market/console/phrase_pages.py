"""A host's saved texts for messages: in both languages, with words in braces that are filled in by each booking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import hosting
from market.accounts.rights import Right
from market.console import scope
from market.console.frame import Place, host_places
from market.console.listing_pages import fix
from market.errors import Invalid, NotFound, Refused
from market.i18n.locales import LOCALES
from market.messaging import phrases
from market.messaging.rules import LONGEST
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id


class PhraseForm(Inbound):
    """A saved text: its short name, and the words in each language."""

    act: Literal["save", "delete"] = "save"
    host: Annotated[int, Field(ge=1, le=2**53)] = 1
    title: Annotated[str, Field(max_length=phrases.LONGEST_TITLE)]
    body_id: Annotated[str, Field(max_length=LONGEST)] = ""
    body_en: Annotated[str, Field(max_length=LONGEST)] = ""

    def texts(self) -> Mapping[str, str]:
        return {"id": self.body_id, "en": self.body_en}


@dataclass(frozen=True, slots=True)
class PhraseLine:
    """A saved text in the list."""

    id: int
    title: str
    preview: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """Context of console/phrases.html."""

    places: Sequence[Place]
    own: Sequence[PhraseLine]
    examples: Sequence[tuple[str, str]]
    hosts: Sequence[tuple[str, str]]
    open_id: int
    form: Form[Any]
    longest: int


# A host who has none yet starts from these; they are put into the form, not kept unasked.
_STARTERS: tuple[tuple[Text, str, str], ...] = (
    (
        lazy("Welcome"),
        "Halo {tamu}, terima kasih sudah memesan {acara}. Kami menunggu Anda pada {datang} pukul {jam}.",
        "Dear {guest}, thank you for booking {listing}. We expect you on {arrival} at {time}.",
    ),
    (
        lazy("Pick-up at the main road"),
        "Halo {tamu}, kami menjemput Anda di jalan besar pada {datang}. Kabari kami bila bus terlambat.",
        "Dear {guest}, we pick you up at the main road on {arrival}. Tell us when the bus is late.",
    ),
    (
        lazy("What do you eat?"),
        "Halo {tamu}, adakah makanan yang tidak Anda makan? Kami memasak untuk {rombongan}.",
        "Dear {guest}, is there anything you do not eat? We cook for {people}.",
    ),
)


async def show(request: Request) -> Response:
    """The saved texts, and a form for one more."""
    return await _page(request, 0, filled(_starter(request)))


def _starter(request: Request) -> dict[str, str]:
    """The example that was asked for, ready to be changed and saved."""
    number = request.query_params.get("example", "")
    if not (number.isascii() and number.isdigit() and len(number) == 1 and int(number) < len(_STARTERS)):
        return {}
    title, indonesian, english = _STARTERS[int(number)]
    return {"title": words(request, title), "body_id": indonesian, "body_en": english}


async def _page(request: Request, open_id: int, form: Form[Any]) -> Response:
    own = scope.host_ids(request, Right.REQUESTS)
    language = locale(request)
    context = Phrases(
        places=host_places(request, "console:host_guests"),
        own=[PhraseLine(p.id, p.title, p.in_language(language)) for p in await phrases.list_of(own)],
        examples=[
            (urls.path("console:host_phrases", locale=language, example=number), words(request, title))
            for number, (title, _, _) in enumerate(_STARTERS)
        ],
        hosts=[(str(host.id), host.name) for host in await hosting.list_hosts(sorted(own))],
        open_id=open_id,
        form=form,
        longest=LONGEST,
    )
    title = fix(request, words(request, lazy("Saved texts")), form)
    status = 422 if form.errors else 200
    return render(request, "console/phrases.html", context, title=title, status=status, robots="noindex")


async def add(request: Request) -> Response:
    """Keep a new text."""
    own = scope.host_ids(request, Right.REQUESTS)
    form = parse(PhraseForm, await request.form(), locale(request))
    if form.data is not None:
        host_id = form.data.host if "host" in form.raw else min(own, default=0)
        if host_id not in own:
            raise NotFound
        if await _saved(request, None, host_id, form):
            return redirect(
                request, _here(request), flash=lazy("Saved. It stands above the field of every message.")
            )
    return await _page(request, 0, form)


async def edit(request: Request) -> Response:
    """One saved text, to be changed."""
    phrase = await phrases.get(request.path_params["phrase"], scope.host_ids(request, Right.REQUESTS))
    texts = {f"body_{locale}": phrase.texts.get(locale, "") for locale in LOCALES}
    return await _page(request, phrase.id, filled({"title": phrase.title, **texts}))


async def change(request: Request) -> Response:
    """Change a saved text, or delete it."""
    own = scope.host_ids(request, Right.REQUESTS)
    phrase = await phrases.get(request.path_params["phrase"], own)
    sent = await request.form()
    if sent.get("act") == "delete":
        await phrases.delete(phrase.id, own)
        return redirect(request, _here(request), flash=lazy("The saved text is deleted."))
    form = parse(PhraseForm, sent, locale(request))
    if form.data is not None and await _saved(request, phrase.id, phrase.host_id, form):
        return redirect(request, _here(request), flash=lazy("Saved."))
    return await _page(request, phrase.id, form)


async def _saved(request: Request, phrase_id: int | None, host_id: int, form: Form[PhraseForm]) -> bool:
    """Keep what is in a valid form; a refusal is shown at its field."""
    data = form.data
    if data is None:
        return False
    if not any(data.texts().values()):
        form.add_error("body_id", words(request, lazy("Write the text in at least one language.")))
        return False
    try:
        await phrases.save(
            phrase_id,
            host_id=host_id,
            title=data.title,
            texts=data.texts(),
            by=person_id(request),
            now=clock.now(),
        )
    except (Invalid, Refused) as refusal:
        form.add_error(getattr(refusal, "field", None) or "title", words(request, refusal.message))
        return False
    return True


def _here(request: Request) -> str:
    return urls.path("console:host_phrases", locale=locale(request))


_PHRASES = "/{locale}/host/phrases"
routes = [
    page(_PHRASES, show, access=HOST, name="console:host_phrases"),
    page(_PHRASES, add, access=HOST, name="console:host_add_phrase", methods=("POST",)),
    page(f"{_PHRASES}/{{phrase:int}}", edit, access=HOST, name="console:host_phrase"),
    page(
        f"{_PHRASES}/{{phrase:int}}",
        change,
        access=HOST,
        name="console:host_change_phrase",
        methods=("POST",),
    ),
]
