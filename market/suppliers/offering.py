"""What a supplier's page is made of: its enums, and the frozen shapes in which pages, products and certificates
come in. Nothing here decides; see `rules`. What the keys are called is `wording`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

Texts = dict[str, dict[str, str]]


class SupplierKind(StrEnum):
    PRODUCER = "producer"
    WEAVER = "weaver"
    BUMDES = "bumdes"
    COOPERATIVE = "cooperative"
    COLLECTOR = "collector"
    RESELLER = "reseller"


# Those that may keep pages and answer for members.
AGENTS = frozenset({SupplierKind.BUMDES, SupplierKind.COOPERATIVE})


class PageStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    PAUSED = "paused"


class Category(StrEnum):
    """The programme's categories: a purchase of this product is counted under it."""

    FOOD = "food"
    DRINK = "drink"
    TEXTILE = "textile"
    BUILDING_MATERIAL = "building_material"
    OTHER = "other"


class Unit(StrEnum):
    KG = "kg"
    LITRE = "litre"
    BOTTLE = "bottle"
    PACK = "pack"
    PIECE = "piece"
    SHEET = "sheet"
    METRE = "metre"
    SQUARE_METRE = "square_metre"
    CUBIC_METRE = "cubic_metre"
    BUNCH = "bunch"
    SACK = "sack"


class CertificateKind(StrEnum):
    P_IRT = "p_irt"
    HALAL = "halal"
    DECLARED_NON_HALAL = "declared_non_halal"
    OTHER = "other"


class Origin(StrEnum):
    """Where goods come from, which is not where their seller is."""

    A = "A"
    B = "B"
    C = "C"
    X = "X"


@dataclass(frozen=True, slots=True)
class PageDraft:
    """A supplier's page as somebody wrote it. `texts` holds `about` by locale; `account_keys` are hashes of the account
    (`values.marks.kept`), "" for the one that is kept already.
    """

    name: str
    kind: SupplierKind
    area_code: str
    sole_trader: bool
    name_consent: bool
    people_count: int | None = None
    nib: str = ""
    npwp: str = ""
    street: str = ""
    account_keys: str = ""
    texts: Texts = field(default_factory=Texts)


@dataclass(frozen=True, slots=True)
class MonthDraft:
    """One month of a product's year; `capacity` in the product's unit, None when not stated."""

    capacity: int | None
    in_season: bool


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product as somebody wrote it: twelve months, January first; `texts` holds `name` and `about` by locale."""

    category: Category
    unit: Unit
    texts: Texts
    months: tuple[MonthDraft, ...]
    stated_origin: Origin
    stated_evidence: str = ""
    price_low_minor: int | None = None
    price_high_minor: int | None = None


@dataclass(frozen=True, slots=True)
class CertificateDraft:
    """A certificate as somebody wrote it; `title` names one of kind `other`."""

    kind: CertificateKind
    title: str = ""
    number: str = ""
    issuer: str = ""
    expires_on: date | None = None
    product_id: int | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """Who does something on a page: a person, and the BUMDes or cooperative they do it for, if not the supplier."""

    person_id: int
    agent_id: int | None = None
