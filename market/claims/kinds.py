"""What the claims' entries of the public log are called on its pages."""

from __future__ import annotations

from market.transparency.kinds import name_kind
from market.values.text import lazy

name_kind("rule.effective", lazy("A rule of the programme put into force"))
name_kind("claim.submitted", lazy("A hotel's claim submitted"))
name_kind("draw.committed", lazy("Candidates of a draw committed"))
name_kind("draw.made", lazy("A draw made"))
name_kind("decision.recorded", lazy("A decision on a claim"))
name_kind("objection.raised", lazy("An objection to a decision"))
name_kind("award.recommended", lazy("An award recommended"))
name_kind("award.effective", lazy("An award in effect"))
name_kind("award.corrected", lazy("An award corrected"))
name_kind("award.superseded", lazy("An award superseded by a correction"))
name_kind("budget.shared", lazy("A month's budget shared out"))
name_kind("certificate.revoked", lazy("A certificate taken back"))
