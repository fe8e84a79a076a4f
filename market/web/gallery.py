"""Sample data for the component gallery: every part of the kit, with the awkward cases on purpose.

The page is `templates/gallery.html`; the route that shows it in a demonstration lives with the routes.
Everything here is invented. Long titles, long single words, a price of eight digits and empty lists are
meant: a part that breaks, breaks here first. Nothing here is used by a real page.
"""

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from market import clock

_HOLD: Final = timedelta(minutes=13, seconds=34)


@dataclass(frozen=True, slots=True)
class SampleForm:
    """What the field macros ask of a form: its values as typed, and its errors by field."""

    data: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def value(self, name: str) -> str:
        """The last text given for the field, or the empty string."""
        return (self.data.get(name) or [""])[-1]

    def values(self, name: str) -> list[str]:
        """Every text given for the field: a group of checkboxes gives several."""
        return self.data.get(name, [])

    def error(self, name: str) -> str | None:
        """The message of the field, if it has one."""
        return next((message for at, message in self.errors if at == name), None)


def _cloth(ground: str, figure: str) -> str:
    """A small woven picture as a data URI, so that the gallery needs no stored image."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 30" width="480" height="300">'
        f'<path fill="{ground}" d="M0 0h48v30H0z"/>'
        f'<path fill="{figure}" d="m8 15 8-10 8 10-8 10zm16 0 8-10 8 10-8 10z"/>'
        f'<path fill="{ground}" d="m13 15 3-4 3 4-3 4zm16 0 3-4 3 4-3 4z"/></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _photo() -> dict[str, object]:
    picture = _cloth("#0b6669", "#e2a52b")
    srcset = ", ".join(f"{picture} {width}w" for width in (320, 640, 960, 1440))
    return {
        "alt": "A woven cloth over a veranda rail",
        "width": 480,
        "height": 300,
        "src": picture,
        "blur": _cloth("#3b8587", "#b99a52"),
        "sources": [{"type": kind, "srcset": srcset} for kind in ("image/svg+xml", "image/svg+xml")],
    }


def _listing(title: str, price: int, **other: object) -> dict[str, object]:
    return {
        "href": "#card",
        "cover_url": _cloth("#27346b", "#f4ecda"),
        "kind_label": "Tur",
        "length_label": "5 hari",
        "place": "Alor",
        "title": title,
        "host_line": "Dipandu Yohana Lema dan tiga kampung",
        "price": price,
        "per": "orang",
        "stay_label": "89% tinggal di Alor",
        "eager": True,
        "photo": None,
    } | other


def _cards() -> list[dict[str, object]]:
    return [
        _listing("Gendang perunggu, kampung di bukit, pulau penenun", 4_850_000),
        _listing(
            "A title of exactly sixty letters that has to wrap over two lines", 48_500_000, photo=_photo()
        ),
        _listing(
            "Katakatakatapanjangsekalitanpaspasisamasekali",
            300_000,
            kind_label="Rumah inap",
            length_label="",
            per="malam",
            host_line="",
            stay_label="",
        ),
    ]


def _money_parts() -> list[dict[str, object]]:
    shares = (46, 19, 17, 7, 8, 3)
    labels = (
        "Host families in three villages",
        "Guide, drivers, boatman",
        "Food, fuel and boat, bought on Alor",
        "Village funds of Takpala and Umapura",
        "Benang",
        "Card fees",
    )
    return [
        {
            "cls": f"m{number}",
            "percent": share,
            "label": label,
            "amount": 48_500 * share,
            "x": str(sum(shares[: number - 1])),
            "width": f"{share - 1}.6",
        }
        for number, (share, label) in enumerate(zip(shares, labels, strict=True), start=1)
    ]


_STATES: Final = dict.fromkeys((1, 2, 3), "past") | {
    4: "full",
    5: "full",
    12: "pick-day",
    13: "in-range",
    14: "in-range",
    15: "pick-day",
    18: "hold",
    19: "hold",
    22: "booked",
    23: "booked",
    24: "shut",
    25: "shut",
}


def _day(day: int, *, buttons: bool) -> dict[str, object]:
    state = _STATES.get(day, "open")
    choosable = state in {"open", "pick-day", "in-range"}
    return {
        "label": str(day),
        "name": f"{day} Desember 2026",
        "sub": "300" if choosable and not buttons else "",
        "state": state,
        "href": "#calendar" if choosable and not buttons else None,
        "value": f"2026-12-{day:02}" if buttons and state != "past" else "",
        "today": day == 4,
    }


def _month(*, buttons: bool) -> dict[str, object]:
    days = [None, *(_day(day, buttons=buttons) for day in range(1, 32)), None, None, None]
    names = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
    return {
        "caption": "Desember 2026, kamar depan" if buttons else "Desember 2026",
        "weekdays": [(name[:3], name) for name in names],
        "weeks": [days[start : start + 7] for start in range(0, 35, 7)],
    }


def _slots() -> list[dict[str, object]]:
    rows = (
        ("5", "Full", "bad"),
        ("12", "4 of 6 places left", "ok"),
        ("19", "6 of 6 places left", "ok"),
    )
    return [
        {
            "value": day,
            "day": day,
            "month": "Dec",
            "title": "Saturday",
            "text": "09.00–16.00 WITA",
            "tag": (kind, words),
            "disabled": kind == "bad",
        }
        for day, words, kind in rows
    ]


def _islands() -> dict[str, dict[str, object]]:
    counts = {"flores": 31, "alor": 9, "timor": 12, "sumba": 8, "rote": 6, "sabu": 1, "kupang": 7}
    return {key: {"href": "#map", "label": key.capitalize(), "count": count} for key, count in counts.items()}


def _form() -> SampleForm:
    return SampleForm(
        data={
            "full_name": ["Maria Ndolu"],
            "phone": ["0812 3456"],
            "island": ["alor"],
            "note_to_host": ["Kami tidak makan daging babi.\nSatu orang takut ketinggian."],
            "pay": ["card"],
            "themes": ["weaving", "coffee"],
            "kind": ["tour"],
            "adults": ["2"],
            "departure": ["12"],
            "arrive_on": ["2026-12-12"],
            "nights": ["3"],
        },
        errors=[
            ("phone", "Isi nomor telepon dengan kode negara, misalnya +62 812 3456 7890"),
            ("manners", "Centang ini setelah membaca adab berkunjung"),
            ("", "Harga berubah sejak halaman dibuka; periksa jumlahnya sekali lagi"),
        ],
    )


def sample() -> dict[str, object]:
    """Everything `gallery.html` shows apart from `page`. Only the end of the hold moves with the clock."""
    pages = [
        {"label": label, "href": href, "current": href is None and label == "2"}
        for label, href in (("1", "#pager"), ("2", None), ("3", "#pager"), ("…", None), ("9", "#pager"))
    ]
    return {
        "form": _form(),
        "blank": SampleForm(),
        "cards": _cards(),
        "photo": _photo(),
        "cover": _cloth("#9a2d25", "#f4ecda"),
        "parts": _money_parts(),
        "guest_month": _month(buttons=False),
        "host_month": _month(buttons=True),
        "departures": _slots(),
        "islands": _islands(),
        "island_rows": [
            {"href": "#map", "title": title, "text": text, "end": end}
            for title, text, end in (
                ("Flores", "Rumah kerucut, kopi Bajawa, danau Kelimutu", "31"),
                ("Alor", "Moko, lego-lego, penenun pewarna alam", "9"),
                ("Timor", "", "12"),
            )
        ],
        "pages": {"previous": "#pager", "next": "#pager", "items": pages},
        "held_until_ms": int((clock.now() + _HOLD).timestamp()) * 1000,
        "long_name": "Perkumpulantenunibuibubibokiselatan dan Sekitarnya",
    }
