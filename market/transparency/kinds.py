"""What kinds of entries are called. Packages that append entries name their kinds at import; the log's own are here."""

from __future__ import annotations

from market.values.text import Text, lazy

_names: dict[str, Text] = {}


def name_kind(kind: str, words: Text) -> None:
    """Give a kind of entry the words it is shown under: `name_kind("claim.decided", lazy("A claim was decided"))`."""
    if _names.setdefault(kind, words) != words:
        raise ValueError(f"{kind} has two names")


def name_of(kind: str) -> Text | str:
    """The words of a kind; the kind itself when nobody named it."""
    return _names.get(kind, kind)


name_kind("log.key", lazy("A key that signs the log"))
name_kind("log.day", lazy("End of a day"))
name_kind("rows.sealed", lazy("Rows of a ledger covered"))
name_kind("opening.erased", lazy("Facts behind an entry erased"))
name_kind("witness.added", lazy("A witness put on the list"))
name_kind("witness.removed", lazy("A witness taken off the list"))
