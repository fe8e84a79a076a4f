"""Pages of accounts: coming in, links from mails, and one's own. Each module has its part of the routes."""

from __future__ import annotations

from market.accounts.pages import entering, links, own, own_address, own_second_factor

routes = [*entering.routes, *links.routes, *own.routes, *own_address.routes, *own_second_factor.routes]
