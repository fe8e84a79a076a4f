"""Collects every text of code and templates into the catalogues: `make messages`.

English is the source language. New texts arrive empty in each other language's `market.po`; texts that no code
uses any more are dropped. `missing` and `mismatched` are what the tests ask.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
DOMAIN = "market"
TRANSLATED = ("id",)
_KEYWORDS = {
    "_": None,
    "_l": None,
    "lazy": None,
    "_ln": (1, 2),
    "lazy_n": (1, 2),
    "gettext": None,
    "ngettext": (1, 2),
}
_METHODS = [
    ("market/demo/content/**", "ignore"),
    ("market/**.py", "python"),
    ("market/**/templates/**.html", "jinja2"),
    ("market/**/templates/**.txt", "jinja2"),
    ("market/**/templates/**.js", "jinja2"),
]
_OPTIONS = {
    "market/**/templates/**.html": {"trimmed": "true", "silent": "false"},
    "market/**/templates/**.txt": {"trimmed": "true", "silent": "false"},
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def extracted() -> Catalog:
    """All texts the product says, with where they stand (files only, so that lines may move freely)."""
    catalogue = Catalog(domain=DOMAIN, project="Benang", charset="utf-8")
    found = extract_from_dir(
        ROOT, _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )
    for filename, _line, message, comments, context in found:
        if message and message != "" and (not isinstance(message, tuple) or message[0]):
            catalogue.add(message, None, [(filename, None)], auto_comments=comments, context=context)
    return catalogue


def path_of(locale: str) -> Path:
    return ROOT / "locales" / locale / "LC_MESSAGES" / f"{DOMAIN}.po"


def catalogue_of(locale: str) -> Catalog:
    """The catalogue as it stands in the tree."""
    with path_of(locale).open("rb") as source:
        return read_po(source, locale=locale, domain=DOMAIN)


def updated(locale: str) -> Catalog:
    """The catalogue with today's texts: kept translations, new ones empty, unused ones gone."""
    catalogue = catalogue_of(locale)
    catalogue.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def missing(catalogue: Catalog) -> list[str]:
    """Msgids without words in this language."""
    return [
        str(m.id)
        for m in catalogue
        if m.id and (not m.string or (isinstance(m.string, tuple) and not all(m.string)) or m.fuzzy)
    ]


def mismatched(catalogue: Catalog) -> list[str]:
    """Msgids whose translation has other placeholders than the English text."""
    wrong: list[str] = []
    for message in catalogue:
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        wanted = {name for text in sources for name in _PLACEHOLDER.findall(text)}
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        wrong += [str(message.id) for text in words if text and set(_PLACEHOLDER.findall(text)) != wanted]
    return wrong


def write(locale: str, catalogue: Catalog) -> None:
    """Keep a catalogue, sorted, without dates or line numbers, so that changes read well."""
    target = io.BytesIO()
    write_po(target, catalogue, sort_output=True, omit_header=False, width=100, include_lineno=False)
    text = re.sub(
        r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By):.*\n',
        "",
        target.getvalue().decode(),
        flags=re.MULTILINE,
    )
    path_of(locale).parent.mkdir(parents=True, exist_ok=True)
    path_of(locale).write_text(text, encoding="utf-8")


def main() -> None:
    for locale in TRANSLATED:
        catalogue = updated(locale)
        write(locale, catalogue)
        print(f"{locale}: {len(catalogue)} texts, {len(missing(catalogue))} without words")


if __name__ == "__main__":
    main()
