"""Benang: a community-tourism marketplace with verifiable local procurement.

Packages are features; inside a feature, files are layers. `docs/architecture.md` draws the floors
(who may import whom); `tests/architecture` keeps them.
"""

__version__ = "0.1.0"
