"""Commands on a supplier's page: open and change it, products, certificates, who may keep it.

With `quotations` and `origins` the only writer of the directory's tables. Each command is one transaction that
also notes who did it (and for whom), renews the search words and lets kept public pages go. Whether this person
may act for this supplier was settled before (`pages.scope`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from market import db
from market.accounts.models import Organisation
from market.db.sql import Row, execute_many
from market.errors import Invalid, NotFound, Refused
from market.i18n.messages import translate
from market.places import areas
from market.suppliers import rules, words
from market.suppliers.models import Certificate, Product, Supplier
from market.suppliers.offering import (
    AGENTS,
    Acting,
    CertificateDraft,
    CertificateKind,
    PageDraft,
    PageStatus,
    ProductDraft,
    SupplierKind,
    Texts,
)
from market.suppliers.wording import CATEGORIES, CERTIFICATES, ISLANDS, KINDS
from market.values.ids import new_reference
from market.values.text import lazy
from market.web import page_cache

LOCALES: Final = ("id", "en")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG: Final = 60


# The page ----------------------------------------------------------------------------------------------


async def open_page(organisation_id: int, draft: PageDraft, acting: Acting, now: datetime) -> str:
    """Give an organisation its page, not public yet; the page's code. Refused when it has one already."""
    page = rules.checked_page(draft)
    async with db.transaction():
        if await db.fetch_one("SELECT id FROM supplier WHERE organisation_id = $1", organisation_id):
            raise Refused("page_exists", lazy("This business already has its page."))
        supplier = await Supplier.create(
            organisation_id=organisation_id,
            code=f"S-{new_reference(6)}",
            slug=await _free_slug("supplier", page.name),
            status=PageStatus.DRAFT.value,
            created_at=now,
            updated_at=now,
            **_page_columns(page),
        )
        if acting.agent_id is not None:
            await _start_agent(supplier.id, acting.agent_id, now)
        await _finish(supplier.id, "opened", acting, now)
    return supplier.code


async def open_member_page(draft: PageDraft, phone: str, acting: Acting, now: datetime) -> str:
    """A BUMDes or cooperative opens the page of a member that has no account of its own; the page's code."""
    if acting.agent_id is None:
        raise NotFound
    page = rules.checked_page(draft)
    async with db.transaction():
        await _agent_row("s.organisation_id", acting.agent_id)
        organisation = await Organisation.create(
            kind="supplier",
            slug=await _free_slug("organisation", page.name),
            name=page.name,
            phone=phone,
            texts={locale: {"about": page.texts.get(locale, {}).get("about", "")} for locale in LOCALES},
            created_at=now,
        )
        return await open_page(organisation.id, page, acting, now)


async def save_page(supplier_id: int, draft: PageDraft, acting: Acting, now: datetime) -> None:
    """Replace what a page says. Its address follows the name; the code always leads to it."""
    page = rules.checked_page(draft)
    async with db.transaction():
        supplier = await _supplier(supplier_id)
        if supplier.status == PageStatus.PUBLISHED:
            rules.check_publishable(offered_products=1, about=_first_about(page.texts))
        if page.name != supplier.name:
            supplier.slug = await _free_slug("supplier", page.name)
        supplier.update_from_dict({**_page_columns(page), "updated_at": now})
        await supplier.save()
        await _finish(supplier_id, "page_saved", acting, now)


async def publish(supplier_id: int, acting: Acting, now: datetime) -> None:
    """Make a page public. Refused while it has no words or no product."""
    async with db.transaction():
        supplier = await _supplier(supplier_id)
        offered = await Product.filter(supplier_id=supplier_id, status="offered").count()
        rules.check_publishable(offered_products=offered, about=_first_about(supplier.texts))
        await _set_status(supplier_id, PageStatus.PUBLISHED, now)
        await _finish(supplier_id, "published", acting, now)


async def pause(supplier_id: int, acting: Acting, now: datetime) -> None:
    """Take a page out of the directory; requests under way stay open."""
    async with db.transaction():
        await _set_status(supplier_id, PageStatus.PAUSED, now)
        await _finish(supplier_id, "paused", acting, now)


async def _set_status(supplier_id: int, status: PageStatus, now: datetime) -> None:
    await db.execute(
        "UPDATE supplier SET status = $1, updated_at = $2 WHERE id = $3", status.value, now, supplier_id
    )


def _page_columns(page: PageDraft) -> dict[str, Any]:
    island = areas.island_of(page.area_code)
    return {
        "kind": page.kind.value,
        "name": page.name,
        "sole_trader": page.sole_trader,
        "name_consent": page.name_consent,
        "area_code": page.area_code,
        "kabupaten": page.area_code[:5],
        "island": island.value if island else "",
        "people_count": page.people_count,
        "nib": page.nib,
        "npwp": page.npwp,
        "street": page.street,
        **({"account_keys": page.account_keys} if page.account_keys else {}),
        "texts": page.texts,
    }


def _first_about(texts: Texts) -> str:
    return next(
        (about for locale in LOCALES if (about := texts.get(locale, {}).get("about", "").strip())), ""
    )


# Products ----------------------------------------------------------------------------------------------


async def add_product(supplier_id: int, draft: ProductDraft, acting: Acting, now: datetime) -> int:
    """Put a product on the page; its id."""
    rules.check_product(draft)
    async with db.transaction():
        last = await db.fetch_one(
            "SELECT COALESCE(MAX(position), 0) AS n FROM supplier_product WHERE supplier_id = $1", supplier_id
        )
        name = _name(draft.texts)
        product = await Product.create(
            supplier_id=supplier_id,
            slug=await _free_slug("supplier_product", name, supplier_id),
            position=(last["n"] if last else 0) + 1,
            status="offered",
            created_at=now,
            updated_at=now,
            **_product_columns(draft),
        )
        await _save_months(product.id, draft)
        await _finish(supplier_id, "product_added", acting, now, name)
    return product.id


async def save_product(
    supplier_id: int, product_id: int, draft: ProductDraft, acting: Acting, now: datetime
) -> None:
    """Replace what is said of a product. A new name or category asks for a new origin decision."""
    rules.check_product(draft)
    async with db.transaction():
        product = await _product(supplier_id, product_id)
        product.update_from_dict({**_product_columns(draft), "updated_at": now})
        await product.save()
        await _save_months(product_id, draft)
        await _finish(supplier_id, "product_saved", acting, now, _name(draft.texts))


async def offer_product(
    supplier_id: int, product_id: int, acting: Acting, now: datetime, *, offered: bool
) -> None:
    """Put a product back on the page or take it off. Refused for the last one of a public page."""
    async with db.transaction():
        product = await _product(supplier_id, product_id)
        supplier = await _supplier(supplier_id)
        others = (
            await Product.filter(supplier_id=supplier_id, status="offered").exclude(id=product_id).count()
        )
        if not offered and not others and supplier.status == PageStatus.PUBLISHED:
            raise Refused(
                "last_product", lazy("This is the only product of a public page. Pause the page instead.")
            )
        product.status, product.updated_at = ("offered" if offered else "withdrawn"), now
        await product.save()
        act = "product_offered" if offered else "product_withdrawn"
        await _finish(supplier_id, act, acting, now, _name(product.texts))


def _product_columns(draft: ProductDraft) -> dict[str, Any]:
    return {
        "category": draft.category.value,
        "texts": draft.texts,
        "unit": draft.unit.value,
        "price_low_minor": draft.price_low_minor,
        "price_high_minor": draft.price_high_minor,
        "stated_origin": draft.stated_origin.value,
        "stated_evidence": draft.stated_evidence,
        "judged_as": rules.judged_as(draft.category, draft.texts),
    }


async def _save_months(product_id: int, draft: ProductDraft) -> None:
    await db.execute("DELETE FROM product_month WHERE product_id = $1", product_id)
    rows: list[list[object]] = [
        [product_id, number, month.capacity, month.in_season] for number, month in enumerate(draft.months, 1)
    ]
    await execute_many(
        "INSERT INTO product_month (product_id, month, capacity, in_season) VALUES ($1, $2, $3, $4)", rows
    )


def _name(texts: Texts) -> str:
    return next((name for locale in LOCALES if (name := texts.get(locale, {}).get("name", ""))), "")


# Certificates ------------------------------------------------------------------------------------------


async def add_certificate(supplier_id: int, draft: CertificateDraft, acting: Acting, now: datetime) -> None:
    """Note a certificate, for the whole page or for one of its products."""
    rules.check_certificate(draft)
    async with db.transaction():
        if draft.product_id is not None:
            await _product(supplier_id, draft.product_id)
        made = await Certificate.create(
            supplier_id=supplier_id,
            product_id=draft.product_id,
            kind=draft.kind.value,
            title=draft.title,
            number=draft.number,
            issuer=draft.issuer,
            expires_on=draft.expires_on,
            created_at=now,
        )
        await _finish(supplier_id, "certificate_added", acting, now, _certificate_name(made))


async def remove_certificate(supplier_id: int, certificate_id: int, acting: Acting, now: datetime) -> None:
    """Take a certificate off the page."""
    async with db.transaction():
        found = await Certificate.get_or_none(id=certificate_id, supplier_id=supplier_id, removed_at=None)
        if found is None:
            raise NotFound
        found.removed_at = now
        await found.save()
        await _finish(supplier_id, "certificate_removed", acting, now, _certificate_name(found))


def _certificate_name(certificate: Certificate) -> str:
    named = certificate.title or translate(CERTIFICATES[CertificateKind(certificate.kind)], LOCALES[0])
    return " ".join(part for part in (named, certificate.number) if part)


# Who may keep the page ---------------------------------------------------------------------------------


async def name_agent(supplier_id: int, agent_code: str, acting: Acting, now: datetime) -> None:
    """Let a BUMDes or cooperative of the directory keep the page too, in place of any other.

    Only the supplier's own people decide this: NotFound for an agent.
    """
    if acting.agent_id is not None:
        raise NotFound
    async with db.transaction():
        agent = await _agent_row("s.code", agent_code)
        supplier = await _supplier(supplier_id)
        if agent["organisation_id"] == supplier.organisation_id:
            raise Invalid("own_agent", lazy("Choose another business than your own."), field="agent")
        await _end_agent(supplier_id, now)
        await _start_agent(supplier_id, agent["organisation_id"], now)
        await _finish(supplier_id, "agent_named", acting, now, agent["name"])


async def end_agent(supplier_id: int, acting: Acting, now: datetime) -> None:
    """The BUMDes or cooperative no longer keeps the page; either side may say so."""
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT o.name FROM supplier_agent a JOIN organisation o ON o.id = a.agent_id"
            " WHERE a.supplier_id = $1 AND a.ended_at IS NULL",
            supplier_id,
        )
        if row is None:
            raise NotFound
        await _end_agent(supplier_id, now)
        await _finish(supplier_id, "agent_ended", acting, now, row["name"])


async def _agent_row(column: str, value: str | int) -> Row:
    """A published BUMDes or cooperative. Raises Invalid when there is none."""
    kinds = ", ".join(f"'{kind.value}'" for kind in sorted(AGENTS))
    row = await db.fetch_one(
        f"SELECT s.organisation_id, s.name FROM supplier s WHERE {column} = $1 AND s.kind IN ({kinds})"
        f" AND s.status = '{PageStatus.PUBLISHED}'",
        value,
    )
    if row is None:
        raise Invalid(
            "no_such_agent", lazy("Choose a BUMDes or cooperative that is in the directory."), field="agent"
        )
    return row


async def _start_agent(supplier_id: int, agent_id: int, now: datetime) -> None:
    await db.execute(
        "INSERT INTO supplier_agent (supplier_id, agent_id, agreed_at) VALUES ($1, $2, $3)",
        supplier_id,
        agent_id,
        now,
    )


async def _end_agent(supplier_id: int, now: datetime) -> None:
    await db.execute(
        "UPDATE supplier_agent SET ended_at = $1 WHERE supplier_id = $2 AND ended_at IS NULL",
        now,
        supplier_id,
    )


# What every command ends with --------------------------------------------------------------------------


async def note_act(supplier_id: int, name: str, acting: Acting, now: datetime, subject: str = "") -> None:
    """Write down who did what on a page; inside the transaction that does it."""
    await db.execute(
        "INSERT INTO supplier_act (supplier_id, name, subject, person_id, agent_id, at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        supplier_id,
        name,
        subject,
        acting.person_id,
        acting.agent_id,
        now,
    )


async def _finish(supplier_id: int, act: str, acting: Acting, now: datetime, subject: str = "") -> None:
    await note_act(supplier_id, act, acting, now, subject)
    await _index(supplier_id)
    await page_cache.bump()


async def _index(supplier_id: int) -> None:
    """Renew the words under which the directory finds a page. What may not be shown is not found either; a page that
    was never public has no words yet.
    """
    supplier = await _supplier(supplier_id)
    if supplier.status == "draft":
        return
    products = await Product.filter(supplier_id=supplier_id, status="offered")
    named = rules.is_named(sole_trader=supplier.sole_trader, name_consent=supplier.name_consent)
    path = areas.path(supplier.area_code)
    strong = [supplier.name if named else supplier.code, *path[0 if named else 1 : 3]]
    strong += [texts.get("name", "") for product in products for texts in product.texts.values()]
    weak = [translate(KINDS[SupplierKind(supplier.kind)], locale) for locale in LOCALES]
    weak += [ISLANDS[island] for island in ISLANDS if island == supplier.island]
    weak += [
        translate(CATEGORIES[key], locale)
        for key in CATEGORIES
        for locale in LOCALES
        if any(product.category == key for product in products)
    ]
    weak += [texts.get("about", "") for product in products for texts in product.texts.values()]
    if named:
        weak += [texts.get("about", "") for texts in supplier.texts.values()]
    await db.execute("DELETE FROM supplier_word WHERE supplier_id = $1", supplier_id)
    rows: list[list[object]] = [
        [word, is_strong, supplier_id] for word, is_strong in words.indexed(strong, weak).items()
    ]
    await execute_many("INSERT INTO supplier_word (word, strong, supplier_id) VALUES ($1, $2, $3)", rows)


async def _supplier(supplier_id: int) -> Supplier:
    supplier = await Supplier.get_or_none(id=supplier_id)
    if supplier is None:
        raise NotFound
    return supplier


async def _product(supplier_id: int, product_id: int) -> Product:
    product = await Product.get_or_none(id=product_id, supplier_id=supplier_id)
    if product is None:
        raise NotFound
    return product


async def _free_slug(table: str, name: str, supplier_id: int | None = None) -> str:
    """The name as an address that nobody else in the table (or on the same page) has."""
    base = _NOT_SLUG.sub("-", words.fold(name)).strip("-")[:_LONGEST_SLUG].strip("-") or "pemasok"
    scope, given = (" AND supplier_id = $2", [supplier_id]) if supplier_id is not None else ("", [])
    for number in range(1, 1000):
        slug = base if number == 1 else f"{base}-{number}"
        if not await db.fetch_one(f"SELECT 1 AS taken FROM {table} WHERE slug = $1{scope}", slug, *given):
            return slug
    return f"{base}-{new_reference(6).lower()}"
