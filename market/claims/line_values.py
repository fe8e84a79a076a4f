"""A line's value, where claims look for it. The purchase ledger below reckons the same way, so it is a value."""

from market.values.line_values import CoretaxLine, Exact, net_of_vat, rupiah_of

__all__ = ["CoretaxLine", "Exact", "net_of_vat", "rupiah_of"]
