"""The trend as a drawing: bars by month and the tiers' lines, as geometry for one small SVG.

The drawing is 120 wide and stretches with its frame; words stand beside it, never in it. All figures are also
in the table under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from market.claims.dashboard import Month
from market.claims.rule_versions import Tier

WIDTH, HEIGHT = 120, 60
_LEAST_TOP_BP = 5_000  # the scale reaches one half at least, so that small shares look small


@dataclass(frozen=True, slots=True)
class Bar:
    """One month's bar; `passed` when it reaches the lowest tier."""

    x: str
    y: str
    width: str
    height: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars of the months that have a share, and a line for each tier, from the top down."""

    bars: tuple[Bar, ...]
    lines: tuple[str, ...]
    width: int = WIDTH
    height: int = HEIGHT


def plot(months: Sequence[Month], tiers: Sequence[Tier]) -> Plot:
    """Where bars and lines stand. A share above the whole or below nothing is drawn at the edge."""
    shares = [max(0, min(10_000, m.share.basis_points)) if m.share else None for m in months]
    most = max([_LEAST_TOP_BP, *(bp for bp in shares if bp is not None), *(t.min_share_bp for t in tiers)])
    step = WIDTH * 100 // max(1, len(months))  # in hundredths, like every length here
    lowest = tiers[0].min_share_bp if tiers else 0

    def up(bp: int) -> int:
        return HEIGHT * 100 * bp // most

    bars = tuple(
        Bar(
            _hundredths(at * step + step // 8),
            _hundredths(HEIGHT * 100 - up(bp)),
            _hundredths(step * 3 // 4),
            _hundredths(up(bp)),
            bp >= lowest,
        )
        for at, bp in enumerate(shares)
        if bp is not None
    )
    lines = tuple(_hundredths(HEIGHT * 100 - up(t.min_share_bp)) for t in reversed(tiers))
    return Plot(bars, lines)


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"
