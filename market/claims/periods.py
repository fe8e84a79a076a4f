"""The tax period, where claims look for it. The purchase ledger below needs it too, so it is a value."""

from market.values.periods import Period

__all__ = ["Period"]
