"""XML from strangers, read without entities, external files or endless nesting; and small helpers to walk it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from market.sourcing.imports.sheets import MOST_BYTES, BadFile
from market.values.text import lazy

# No exponents: the norm has none, and ten characters of one would fill the memory.
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,10})?", re.ASCII)


def parse(data: bytes) -> Element:
    """The root element. Raises BadFile for anything but plain, whole XML."""
    if len(data) > MOST_BYTES:
        raise BadFile(lazy("The file is larger than 10 MB. Split it by month and import the parts."))
    try:
        root: Any = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BadFile(
            lazy("This XML declares entities, which invoices never need. It was not read.")
        ) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise BadFile(lazy("This is not whole XML. Export the file once more.")) from error
    return root


def tag(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> Iterator[Element]:
    """The direct children of that name, whatever their namespace prefix."""
    return (child for child in element if tag(child) == name)


def find(element: Element, *path: str) -> Element | None:
    """The first element down a path of names."""
    found: Element | None = element
    for name in path:
        if found is None:
            return None
        found = next(children(found, name), None)
    return found


def text(element: Element, *path: str) -> str:
    """The words of the first element down a path; "" when it is not there."""
    found = find(element, *path)
    words = (
        "".join(c for c in (found.text or "") if c.isprintable() or c in "\n\t") if found is not None else ""
    )
    return " ".join(words.split())[:2_000]


def number(element: Element, *path: str) -> Decimal | None:
    """A number down a path, written with a point; None when it is not there. Raises ValueError when it is none."""
    written = text(element, *path)
    if not written:
        return None
    if not _NUMBER.fullmatch(written):
        raise ValueError(written)
    return Decimal(written)
