"""What the ledger's short keys are called, and the sentence on what counts. Keys are stored, names are late texts."""

from __future__ import annotations

from dataclasses import astuple
from typing import Final

from market.i18n import formats
from market.i18n.messages import translate
from market.sourcing.counting import Counting, of_documents
from market.sourcing.rules import OUTSIDE, Confirmation, Kind, Paper, Source
from market.suppliers.offering import Category, Origin
from market.suppliers.wording import CATEGORIES as GOODS
from market.values.text import Text, lazy

KINDS: Final[dict[Kind, Text]] = {
    Kind.PURCHASE: lazy("Purchase"),
    Kind.CREDIT_NOTE: lazy("Credit note"),
}
PAPERS: Final[dict[Paper, Text]] = {
    Paper.NOTA: lazy("Handwritten nota"),
    Paper.RECEIPT: lazy("Till receipt"),
    Paper.INVOICE: lazy("Invoice"),
    Paper.TAX_INVOICE: lazy("Tax invoice"),
    Paper.DELIVERY_NOTE: lazy("Signed delivery note"),
}
SOURCES: Final[dict[Source, Text]] = {
    Source.FORM: lazy("Form"),
    Source.PHOTO: lazy("Photo"),
    Source.CSV: lazy("CSV file"),
    Source.XLSX: lazy("Excel file"),
    Source.UBL: lazy("E-invoice (UBL)"),
    Source.CORETAX: lazy("Coretax file"),
    Source.QUOTATION: lazy("Quotation"),
}
_OUTSIDE: Final[dict[str, Text]] = {
    "wages": lazy("Wages"),
    "tax": lazy("Taxes and levies"),
    "utilities": lazy("Electricity, water, telephone"),
    "rent": lazy("Rent"),
    "finance": lazy("Interest and bank fees"),
    "franchise_fees": lazy("Franchise fees"),
    "intra_group": lazy("Within the own group"),
}
CONFIRMATIONS: Final[dict[Confirmation, tuple[str, str, Text]]] = {
    # kind of tag, icon, words
    Confirmation.NONE: ("", "minus", lazy("Not asked")),
    Confirmation.ASKED: ("wait", "clock", lazy("Waiting for the supplier")),
    Confirmation.YES: ("ok", "check", lazy("Confirmed by the supplier")),
    Confirmation.OTHER_AMOUNT: ("bad", "triangle-alert", lazy("Supplier states another amount")),
    Confirmation.NOT_MINE: ("bad", "x", lazy("Supplier says: not mine")),
    Confirmation.SILENT: ("wait", "hourglass", lazy("No answer in 7 days")),
}
# For a column of a list, where the column's head says whose word it is.
CONFIRMATIONS_SHORT: Final[dict[Confirmation, Text]] = {
    Confirmation.NONE: lazy("Not asked"),
    Confirmation.ASKED: lazy("Waiting"),
    Confirmation.YES: lazy("Confirmed"),
    Confirmation.OTHER_AMOUNT: lazy("Other amount"),
    Confirmation.NOT_MINE: lazy("Not mine"),
    Confirmation.SILENT: lazy("Silent"),
}
ANSWERS: Final[dict[Confirmation, Text]] = {
    Confirmation.YES: lazy("Yes, that is right"),
    Confirmation.OTHER_AMOUNT: lazy("The amount is different"),
    Confirmation.NOT_MINE: lazy("Not my sale"),
}
ORIGINS_SHORT: Final[dict[Origin, tuple[str, Text]]] = {
    Origin.A: ("sea", lazy("Local A")),
    Origin.B: ("sea", lazy("Local B")),
    Origin.C: ("info", lazy("Resold C")),
    Origin.X: ("", lazy("Not local")),
}
EVENTS: Final[dict[str, Text]] = {
    "entered": lazy("logged this document"),
    "replaced": lazy("logged this in place of a wrong one"),
    "voided": lazy("voided this document"),
    "asked_again": lazy("asked the supplier again"),
    "said_yes": lazy("The supplier confirmed it"),
    "said_other_amount": lazy("The supplier stated another amount"),
    "said_not_mine": lazy("The supplier says it is not their sale"),
    "silent": lazy("The supplier did not answer in 7 days"),
    "evidence_added": lazy("added a photo or file"),
    "evidence_taken_off": lazy("took a photo off this document"),
}


def category(key: str) -> Text:
    """What a category is called."""
    return _OUTSIDE[key] if key in OUTSIDE else GOODS[Category(key)]


_COUNTED: Final = (  # in the order of the fields of `Counting`
    lazy("%(amount)s counts towards your local share."),
    lazy("%(amount)s does not count yet: the paper or its photo is missing."),
    lazy("%(amount)s does not count yet: the supplier has not confirmed it."),
    lazy("%(amount)s does not count: hotel and supplier are related."),
    lazy("%(amount)s does not count: its local origin is not established."),
    lazy("%(amount)s is outside of the programme."),
)


async def counting(document_id: int, locale: str) -> str:
    """What counts of a document, in a sentence."""
    return counting_line((await of_documents([document_id]))[document_id], locale)


def counting_line(found: Counting, locale: str) -> str:
    """`Rp 2,340,000 counts towards the local share`, or what is missing for it to count."""
    parts = [(amount, words) for words, amount in zip(_COUNTED, astuple(found), strict=True) if amount]
    if not parts:
        return translate(lazy("Nothing of this counts."), locale)
    return " ".join(
        translate(Text(words.msgid, {"amount": formats.money(amount, locale)}), locale)
        for amount, words in parts
    )
