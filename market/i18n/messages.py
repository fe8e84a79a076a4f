"""Translation: English msgids to a language's words, from the catalogues under `locales/`.

Catalogues are compiled in memory at start, so nothing generated is kept in the tree. `translate` turns a
late message (`market.values.text.Text`) into words.
"""

from __future__ import annotations

import gettext as _stdlib_gettext
import io
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from market.i18n.locales import LOCALES, SOURCE
from market.values.text import Text

FOLDER = Path(__file__).resolve().parents[2] / "locales"
DOMAIN = "market"


@lru_cache(maxsize=len(LOCALES) + 1)
def catalogue(locale: str) -> _stdlib_gettext.NullTranslations:
    """The compiled catalogue of a language; English is the source and needs none."""
    path = FOLDER / locale / "LC_MESSAGES" / f"{DOMAIN}.po"
    if locale == SOURCE or not path.exists():
        return _stdlib_gettext.NullTranslations()
    with path.open("rb") as source:
        messages = read_po(source, locale=locale, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return _stdlib_gettext.GNUTranslations(compiled)


def gettext(locale: str, msgid: str) -> str:
    return catalogue(locale).gettext(msgid) if msgid else ""


def ngettext(locale: str, singular: str, plural: str, n: int) -> str:
    return catalogue(locale).ngettext(singular, plural, n)


def translate(text: Text | str, locale: str) -> str:
    """The words of a late message in a language, its placeholders filled (nested messages too)."""
    if isinstance(text, str):
        return text
    words = (
        ngettext(locale, text.msgid, text.plural, text.count or 0)
        if text.plural is not None
        else gettext(locale, text.msgid)
    )
    if not text.params:
        return words
    return words % {k: translate(v, locale) if isinstance(v, Text) else v for k, v in text.params.items()}
