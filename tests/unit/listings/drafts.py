"""Drafts that pass every rule, to be changed by one thing at a time."""

from datetime import time
from typing import Any

from market.listings.drafts import ListingDraft, ListingText, RoomDraft, StepDraft
from market.listings.offering import Band, Kind

BANDS = (
    Band("adult", 12, 120, 100, seat=True),
    Band("child", 4, 11, 50, seat=True),
    Band("infant", 0, 3, 0, seat=False),
)
TEXTS = {
    "en": ListingText(title="Weave with Mama", summary="A morning.", body="You sit at the loom."),
    "id": ListingText(title="Menenun bersama Mama", summary="Satu pagi.", body="Anda duduk di alat tenun."),
}


def both(**words: str) -> dict[str, dict[str, str]]:
    return {"en": dict(words), "id": dict(words)}


def room(key: str = "front", *, count: int = 2, price_minor: int = 200_000, sleeps: int = 2) -> RoomDraft:
    return RoomDraft(
        key=key, count=count, sleeps=sleeps, price_minor=price_minor, texts=both(name="Front", about="A bed.")
    )


def lesson(**changes: Any) -> ListingDraft:
    values: dict[str, Any] = {
        "kind": Kind.LESSON,
        "host_id": 1,
        "village_id": 1,
        "policy": "class_24h",
        "texts": TEXTS,
        "capacity": 6,
        "minutes": 180,
        "price_minor": 200_000,
        "bands": BANDS,
        "themes": ("weaving",),
        "start_time": time(9),
        "steps": (StepDraft(texts=both(title="Warp", body="You warp.")),),
    }
    return ListingDraft(**{**values, **changes})


def tour(**changes: Any) -> ListingDraft:
    days = changes.get("days", 3)
    values: dict[str, Any] = {
        "kind": Kind.TOUR,
        "policy": "tour",
        "days": days,
        "minutes": 0,
        "price_minor": 3_000_000,
        "steps": tuple(StepDraft(texts=both(title="Walk", body="You walk.")) for _ in range(days)),
    }
    return lesson(**{**values, **changes})


def homestay(**changes: Any) -> ListingDraft:
    values: dict[str, Any] = {
        "kind": Kind.HOMESTAY,
        "policy": "flexible",
        "capacity": 0,
        "minutes": 0,
        "price_minor": 0,
        "steps": (),
        "rooms": (room(),),
    }
    return lesson(**{**values, **changes})
