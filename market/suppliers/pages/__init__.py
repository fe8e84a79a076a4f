"""The directory's routes: public pages, the supplier's desk, the hotel's quotations, the officer's origins."""

from __future__ import annotations

from market.suppliers.pages import answering, directory, goods, hotel, judging, public, workspace
from market.web.guards import ANYONE, HOTEL, OFFICER, SUPPLIER, page

_BOTH = ("GET", "POST")
_DESK = "/{locale}/supplier/pages/{code}"
_PRODUCT = "/{locale}/suppliers/{slug}/{product}"

routes = [
    page("/{locale}/suppliers", directory.directory, access=ANYONE, name="suppliers:directory"),
    page("/{locale}/suppliers/{slug}", public.show, access=ANYONE, name="suppliers:show"),
    page(_PRODUCT, public.product, access=ANYONE, name="suppliers:product"),
    page(f"{_PRODUCT}/ask", hotel.ask, access=HOTEL, name="suppliers:ask", methods=_BOTH),
    page("/{locale}/hotel/quotations", hotel.index, access=HOTEL, name="suppliers:quotations"),
    page("/{locale}/hotel/quotations/{reference}", hotel.show, access=HOTEL, name="suppliers:quotation"),
    page(
        "/{locale}/hotel/quotations/{reference}/accept",
        hotel.accept,
        access=HOTEL,
        name="suppliers:accept",
        methods=("POST",),
    ),
    page(
        "/{locale}/hotel/quotations/{reference}/refuse",
        hotel.refuse,
        access=HOTEL,
        name="suppliers:refuse",
        methods=("POST",),
    ),
    page(
        "/{locale}/hotel/quotations/{reference}/withdraw",
        hotel.withdraw,
        access=HOTEL,
        name="suppliers:withdraw",
        methods=("POST",),
    ),
    page("/{locale}/supplier/", workspace.workspace, access=SUPPLIER, name="suppliers:workspace"),
    page(
        "/{locale}/supplier/open/{organisation_id:int}",
        workspace.open_own,
        access=SUPPLIER,
        name="suppliers:open",
        methods=_BOTH,
    ),
    page(
        "/{locale}/supplier/members/new",
        workspace.open_member,
        access=SUPPLIER,
        name="suppliers:open_member",
        methods=_BOTH,
    ),
    page(
        "/{locale}/supplier/requests/{reference}", answering.show, access=SUPPLIER, name="suppliers:request"
    ),
    page(
        "/{locale}/supplier/requests/{reference}/answer",
        answering.answer,
        access=SUPPLIER,
        name="suppliers:answer",
        methods=("POST",),
    ),
    page(
        "/{locale}/supplier/requests/{reference}/decline",
        answering.decline,
        access=SUPPLIER,
        name="suppliers:decline",
        methods=("POST",),
    ),
    page(_DESK, workspace.edit, access=SUPPLIER, name="suppliers:edit", methods=_BOTH),
    page(
        f"{_DESK}/public",
        workspace.set_public,
        access=SUPPLIER,
        name="suppliers:set_public",
        methods=("POST",),
    ),
    page(f"{_DESK}/keepers", workspace.keepers, access=SUPPLIER, name="suppliers:keepers", methods=_BOTH),
    page(f"{_DESK}/products", goods.products, access=SUPPLIER, name="suppliers:products"),
    page(
        f"{_DESK}/products/new",
        goods.add_product,
        access=SUPPLIER,
        name="suppliers:add_product",
        methods=_BOTH,
    ),
    page(
        f"{_DESK}/products/{{product_id:int}}",
        goods.edit_product,
        access=SUPPLIER,
        name="suppliers:edit_product",
        methods=_BOTH,
    ),
    page(
        f"{_DESK}/products/{{product_id:int}}/offer",
        goods.offer_product,
        access=SUPPLIER,
        name="suppliers:offer_product",
        methods=("POST",),
    ),
    page(
        f"{_DESK}/certificates",
        goods.certificates,
        access=SUPPLIER,
        name="suppliers:certificates",
        methods=_BOTH,
    ),
    page(
        f"{_DESK}/certificates/{{certificate_id:int}}/remove",
        goods.remove_certificate,
        access=SUPPLIER,
        name="suppliers:remove_certificate",
        methods=("POST",),
    ),
    page("/{locale}/officer/origins", judging.index, access=OFFICER, name="suppliers:origins"),
    page(
        "/{locale}/officer/origins/{product_id:int}",
        judging.judge,
        access=OFFICER,
        name="suppliers:judge",
        methods=_BOTH,
    ),
]
