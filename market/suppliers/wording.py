"""What the short keys of the directory are called: kinds, categories, units, certificates, origin classes, states.

Keys are stored, names are late texts. Sentences of pages are in templates, those of mails in `emails`.
"""

from __future__ import annotations

from typing import Final

from market.i18n import formats
from market.i18n.messages import translate
from market.places.areas import Island
from market.suppliers.offering import Category, CertificateKind, Origin, PageStatus, SupplierKind, Unit
from market.suppliers.rules import OriginState, State, Validity
from market.values.text import Text, lazy, lazy_n

KINDS: Final[dict[SupplierKind, Text]] = {
    SupplierKind.PRODUCER: lazy("Producer"),
    SupplierKind.WEAVER: lazy("Weaver"),
    SupplierKind.BUMDES: lazy("Village enterprise (BUMDes)"),
    SupplierKind.COOPERATIVE: lazy("Cooperative"),
    SupplierKind.COLLECTOR: lazy("Village collector"),
    SupplierKind.RESELLER: lazy("Reseller"),
}
CATEGORIES: Final[dict[Category, Text]] = {
    Category.FOOD: lazy("Foodstuffs"),
    Category.DRINK: lazy("Drinks"),
    Category.TEXTILE: lazy("Textiles"),
    Category.BUILDING_MATERIAL: lazy("Building material"),
    Category.OTHER: lazy("Other goods"),
}
UNITS: Final[dict[Unit, Text]] = {
    Unit.KG: lazy("kg"),
    Unit.LITRE: lazy("litre"),
    Unit.BOTTLE: lazy("bottle"),
    Unit.PACK: lazy("pack"),
    Unit.PIECE: lazy("piece"),
    Unit.SHEET: lazy("sheet"),
    Unit.METRE: lazy("metre"),
    Unit.SQUARE_METRE: lazy("m²"),
    Unit.CUBIC_METRE: lazy("m³"),
    Unit.BUNCH: lazy("bunch"),
    Unit.SACK: lazy("sack"),
}
# Quantities in words; `amount` is filled with the formatted number, which alone decides the form.
_AMOUNTS: Final[dict[Unit, Text]] = {
    Unit.KG: lazy_n("%(amount)s kg", "%(amount)s kg", 1),
    Unit.LITRE: lazy_n("%(amount)s litre", "%(amount)s litres", 1),
    Unit.BOTTLE: lazy_n("%(amount)s bottle", "%(amount)s bottles", 1),
    Unit.PACK: lazy_n("%(amount)s pack", "%(amount)s packs", 1),
    Unit.PIECE: lazy_n("%(amount)s piece", "%(amount)s pieces", 1),
    Unit.SHEET: lazy_n("%(amount)s sheet", "%(amount)s sheets", 1),
    Unit.METRE: lazy_n("%(amount)s metre", "%(amount)s metres", 1),
    Unit.SQUARE_METRE: lazy_n("%(amount)s m²", "%(amount)s m²", 1),
    Unit.CUBIC_METRE: lazy_n("%(amount)s m³", "%(amount)s m³", 1),
    Unit.BUNCH: lazy_n("%(amount)s bunch", "%(amount)s bunches", 1),
    Unit.SACK: lazy_n("%(amount)s sack", "%(amount)s sacks", 1),
}
CERTIFICATES: Final[dict[CertificateKind, Text]] = {
    CertificateKind.P_IRT: lazy("P-IRT (home food industry permit)"),
    CertificateKind.HALAL: lazy("Halal certificate"),
    CertificateKind.DECLARED_NON_HALAL: lazy("Declared non-halal"),
    CertificateKind.OTHER: lazy("Other certificate"),
}
CERTIFICATES_SHORT: Final[dict[CertificateKind, Text]] = {
    CertificateKind.P_IRT: lazy("P-IRT"),
    CertificateKind.HALAL: lazy("Halal"),
    CertificateKind.DECLARED_NON_HALAL: lazy("Non-halal"),
    CertificateKind.OTHER: lazy("Other certificate"),
}
ORIGINS: Final[dict[Origin, Text]] = {
    Origin.A: lazy("Class A: from here"),
    Origin.B: lazy("Class B: made here from outside material"),
    Origin.C: lazy("Class C: brought in and sold here"),
    Origin.X: lazy("Class X: not from here"),
}
ORIGIN_MEANING: Final[dict[Origin, Text]] = {
    Origin.A: lazy("Grown or made in East Nusa Tenggara, with more than half of the material from here too."),
    Origin.B: lazy("Made in East Nusa Tenggara, but mostly from material that comes from elsewhere."),
    Origin.C: lazy("Made elsewhere and sold by a business of East Nusa Tenggara."),
    Origin.X: lazy("Neither made nor sold by a business of East Nusa Tenggara."),
}
ORIGIN_STATES: Final[dict[OriginState, tuple[str, Text]]] = {
    OriginState.DECIDED: ("ok", lazy("Checked")),
    OriginState.STATED: ("wait", lazy("Stated, not checked yet")),
    OriginState.EXPIRED: ("wait", lazy("Check has run out")),
    OriginState.CHANGED: ("wait", lazy("Product changed since the check")),
}
VALIDITIES: Final[dict[Validity, tuple[str, Text]]] = {
    Validity.VALID: ("ok", lazy("Valid")),
    Validity.ENDING: ("wait", lazy("Runs out soon")),
    Validity.EXPIRED: ("bad", lazy("Expired")),
    Validity.WITHOUT_END: ("ok", lazy("No end date")),
}
PAGE_STATUSES: Final[dict[PageStatus, tuple[str, Text]]] = {
    PageStatus.DRAFT: ("wait", lazy("Not public yet")),
    PageStatus.PUBLISHED: ("ok", lazy("Public")),
    PageStatus.PAUSED: ("", lazy("Paused")),
}
QUOTATION_STATES: Final[dict[State, tuple[str, Text]]] = {
    State.ASKED: ("wait", lazy("Waiting for an answer")),
    State.ANSWERED: ("info", lazy("Answered")),
    State.DECLINED: ("", lazy("Cannot deliver")),
    State.WITHDRAWN: ("", lazy("Withdrawn")),
    State.ACCEPTED: ("ok", lazy("Accepted")),
    State.REFUSED: ("", lazy("Not taken")),
}
ACTS: Final[dict[str, Text]] = {
    "opened": lazy("opened this page"),
    "page_saved": lazy("changed the page"),
    "published": lazy("made the page public"),
    "paused": lazy("paused the page"),
    "product_added": lazy("added the product %(subject)s"),
    "product_saved": lazy("changed the product %(subject)s"),
    "product_withdrawn": lazy("took the product %(subject)s off the page"),
    "product_offered": lazy("put the product %(subject)s back on the page"),
    "certificate_added": lazy("added a certificate: %(subject)s"),
    "certificate_removed": lazy("removed a certificate: %(subject)s"),
    "agent_named": lazy("let %(subject)s keep this page too"),
    "agent_ended": lazy("ended the work of %(subject)s on this page"),
    "answered": lazy("answered request %(subject)s"),
    "declined": lazy("said no to request %(subject)s"),
}
# Proper names, the same in every language.
ISLANDS: Final[dict[Island, str]] = {
    Island.TIMOR: "Timor",
    Island.FLORES: "Flores",
    Island.ALOR: "Alor",
    Island.LEMBATA: "Lembata",
    Island.SUMBA: "Sumba",
    Island.ROTE: "Rote",
    Island.SABU: "Sabu",
}


def amount(quantity: int, unit: Unit, locale: str) -> str:
    """`2 pieces`, `6,000 kg`."""
    words = _AMOUNTS[unit]
    return translate(
        Text(words.msgid, {"amount": formats.number(quantity, locale)}, words.plural, quantity), locale
    )


def act_text(name: str, subject: str, locale: str) -> str:
    """What somebody did on a page, in words."""
    return translate(Text(ACTS[name].msgid, {"subject": subject}), locale)
