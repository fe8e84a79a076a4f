"""Each page of the directory gives its template exactly what it asks for."""

from __future__ import annotations

import dataclasses

import pytest

from market.suppliers.pages import answering, directory, goods, hotel, judging, public, workspace
from tests.architecture.test_templates import asked_for

CONTEXTS = {
    "directory": directory.Directory,
    "show": public.Show,
    "product": public.ShowProduct,
    "workspace": workspace.Workspace,
    "page": workspace.EditPage,
    "keepers": workspace.Keepers,
    "products": goods.Products,
    "product_form": goods.EditProduct,
    "certificates": goods.Certificates,
    "request": answering.ShowRequest,
    "ask": hotel.Ask,
    "quotations": hotel.Quotations,
    "quotation": hotel.ShowQuotation,
    "origins": judging.Waiting,
    "origin": judging.Judge,
}


@pytest.mark.parametrize("template", CONTEXTS)
def test_a_page_gives_exactly_what_its_template_asks_for(template):
    given = {field.name for field in dataclasses.fields(CONTEXTS[template])}
    assert asked_for(f"suppliers/{template}.html") == given
