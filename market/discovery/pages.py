"""The routes of everything visitors read before they book. The pages themselves live in the folders here."""

from __future__ import annotations

from market.discovery.home.pages import home
from market.discovery.listing.pages import listing
from market.discovery.money.pages import money
from market.discovery.papers.pages import about, privacy, terms
from market.discovery.search.pages import search
from market.discovery.sitemap import sitemap
from market.discovery.village.pages import village
from market.web.guards import ANYONE, page

routes = [
    page("/sitemap.xml", sitemap, access=ANYONE, name="discovery:sitemap"),
    page("/{locale}/", home, access=ANYONE, name="discovery:home"),
    page("/{locale}/search", search, access=ANYONE, name="discovery:search"),
    page("/{locale}/money", money, access=ANYONE, name="discovery:money"),
    page("/{locale}/about", about, access=ANYONE, name="discovery:about"),
    page("/{locale}/terms", terms, access=ANYONE, name="discovery:terms"),
    page("/{locale}/privacy", privacy, access=ANYONE, name="discovery:privacy"),
    page("/{locale}/villages/{slug}", village, access=ANYONE, name="discovery:village"),
    page("/{locale}/listings/{slug}", listing, access=ANYONE, name="discovery:listing"),
]
