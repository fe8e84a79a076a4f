"""Pages of payouts outside the desks: a village's fund for everybody, and telling of a problem with a stay."""

from __future__ import annotations

from market.payouts.pages import fund, problem

routes = [*fund.routes, *problem.routes]
