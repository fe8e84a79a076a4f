"""The two parties that a RELATED flag names, side by side: by what they are recognised, and where they agree.

Tax numbers, phones and accounts are kept as keyed hashes, so of them only whether they agree can be said here; where a
business stands is public, and written out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from market.claims.desk_rows import FlagRow
from market.claims.flags import related
from market.claims.flags.facts import Party
from market.claims.officer_pages.desk_views import RecordView
from market.i18n.messages import translate
from market.places import areas
from market.values.text import Text, lazy

_ROLES: Final[dict[str, Text]] = {
    "hotel": lazy("Hotel"),
    "supplier": lazy("Supplier"),
    "officer": lazy("Officer"),
}
_KINDS: Final[dict[str, Text]] = {
    "person": lazy("People who act for it"),
    "npwp": lazy("NPWP"),
    "phone": lazy("Phone"),
    "bank": lazy("Bank account"),
    "declared": lazy("Declared by the officer"),
}


def records(row: FlagRow, parties: Sequence[Party], locale: str) -> list[RecordView]:
    """The records of a RELATED flag; none for another flag, and none for a party that has left."""
    if row.rule != related.RULE:
        return []
    known: Mapping[str, Party] = {party.key: party for party in parties}
    pair = [known[key] for key in row.subject.split("~") if key in known]
    if len(pair) != 2:
        return []
    one, other = pair
    return [_record(one, other, locale), _record(other, one, locale)]


def _record(party: Party, beside: Party, locale: str) -> RecordView:
    bill = [(translate(lazy("Who"), locale), translate(_ROLES[party.role], locale))]
    if party.street:
        bill.append((translate(lazy("Address"), locale), _address(party, beside, locale)))
    for kind, label in _KINDS.items():
        said = _compared(kind, party, beside)
        if said is not None:
            bill.append((translate(label, locale), translate(said, locale)))
    return RecordView(party.name, bill, said="", evidence=[])


def _address(party: Party, beside: Party, locale: str) -> str:
    where = party.street
    if areas.exists(party.area_code):
        where = f"{where}, {areas.get(party.area_code).name}"
    said = _compared("address", party, beside)
    return f"{where} ({translate(said, locale)})" if said is not None and beside.street else where


def _compared(kind: str, party: Party, beside: Party) -> Text | None:
    """Whether both state the same; None when neither states it, or only the hotel's own name stands there."""
    own = {mark for mark in party.marks if mark[0] == kind}
    others = {mark for mark in beside.marks if mark[0] == kind}
    if own & others:
        return lazy("the same")
    if kind == "declared" or not own | others:
        return None
    if not own:
        return lazy("not stated")
    return lazy("not the same") if others else lazy("stated")
