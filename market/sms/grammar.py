"""What a host's SMS means: pure, from text to one frozen command.

Case, dots, dashes, double spaces, politeness and trailing words are ignored; the code may be glued to the verb.
A message that could mean two things becomes `Unclear` or `BadDates`, never a guess. What a command may do is
decided in `receiving` and the modules it calls.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from market.sms import dates
from market.values.dates import DateRange


@dataclass(frozen=True, slots=True)
class Accept:
    """`YA 4821`, perhaps with a one-time code behind it. Without a code nothing is accepted."""

    code: str | None = None
    one_time: str | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """`TIDAK 4821`; `amount` in rupiah is what a purchase really cost. `figure` says that a number stood behind the
    code, also when it could not be read for certain.
    """

    code: str | None = None
    amount: int | None = None
    figure: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Cancel:
    """`BATAL 4821`: declines what still waits; what was accepted needs a one-time code too."""

    code: str | None = None
    one_time: str | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """`HARGA 4821 25000`: a supplier's price a unit in rupiah; None when it is not sure how much was meant."""

    code: str | None = None
    price: int | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """A code with both yes and no, or with neither."""

    code: str


@dataclass(frozen=True, slots=True)
class Close:
    """`TUTUP 2 12-14 DES`."""

    days: DateRange
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Reopen:
    """`BUKA 12 DES`."""

    days: DateRange
    room: int | None = None


@dataclass(frozen=True, slots=True)
class ReopenByCode:
    """`BUKA 5937`: the one-time code that was sent for an earlier `BUKA`."""

    code: str


@dataclass(frozen=True, slots=True)
class BadDates:
    """`TUTUP` or `BUKA` with dates that do not exist or cannot be read for certain."""

    verb: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """`JADWAL`, `JADWAL JAN`: the first day of the month that is asked for."""

    month: date


@dataclass(frozen=True, slots=True)
class Money:
    """`UANG`."""


@dataclass(frozen=True, slots=True)
class Help:
    """`BANTU`."""


@dataclass(frozen=True, slots=True)
class CallMe:
    """`TELEPON`: somebody should call."""


@dataclass(frozen=True, slots=True)
class Stop:
    """`STOP` or `BERHENTI`."""


@dataclass(frozen=True, slots=True)
class Start:
    """`MULAI`."""


@dataclass(frozen=True, slots=True)
class Language:
    """`BAHASA EN`; None for a language we do not speak."""

    locale: str | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else: a message for a person."""


Command = (
    Accept | Decline | Cancel | Price | Unclear | Close | Reopen | ReopenByCode | BadDates | Schedule | Money | Help
    | CallMe | Stop | Start | Language | Unknown
)  # fmt: skip

_YES: Final = frozenset({"Y", "YA", "IYA", "OK", "OKE", "SIP"})
_NO: Final = frozenset({"TDK", "TIDAK", "NO", "TAK", "GAK", "NGGAK"})
_CANCEL: Final = frozenset({"BATAL"})
_ANSWERS: Final = _YES | _NO | _CANCEL
_LEAVE: Final = frozenset({"STOP", "BERHENTI"})
_POLITE: Final = frozenset(
    {
        "PAK", "BAPAK", "BAPA", "BP", "BU", "IBU", "MAMA", "MAS", "MBAK", "KAK", "KAKAK", "BANG", "OM", "TANTE",
        "NONA", "TUAN", "ADIK", "MIN", "ADMIN", "TOLONG", "MOHON", "MAAF", "PERMISI", "SELAMAT", "PAGI", "SIANG",
        "SORE", "MALAM", "HALO", "HALLO", "HAI", "SALAM", "SHALOM", "SYALOM", "TABE", "DEAR", "YTH",
    }
)  # fmt: skip
_LANGUAGES: Final = {
    "EN": "en", "ENG": "en", "INGGRIS": "en", "ENGLISH": "en",
    "ID": "id", "IND": "id", "INDO": "id", "INDONESIA": "id",
}  # fmt: skip
_CODE: Final = re.compile(r"[2-9][0-9]{3}")
_UNTIL: Final = re.compile(r"(?<![A-Z])(?:S ?/ ?D|S\.D\.?|SD|SAMPAI|HINGGA)(?![A-Z])")
_AND: Final = re.compile(r"(?<![A-Z])DAN(?![A-Z])|&")
_TOKEN: Final = re.compile(r"[A-Z]+|[0-9]+|[-/,]")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_SCALE: Final = {"RB": 1_000, "RIBU": 1_000, "JT": 1_000_000, "JUTA": 1_000_000}
_MOST_RUPIAH = 10**12


def plain(text: str) -> str:
    """The text as it is compared: upper case, without accents, double spaces and invisible characters."""
    bare = unicodedata.normalize("NFKD", _DASHES.sub("-", text))
    letters = "".join(c if c.isprintable() else " " for c in bare if not unicodedata.combining(c))
    return " ".join(letters.upper().split())


def parse(text: str, today: date) -> Command:  # noqa: C901, PLR0911, PLR0912 - one case a verb
    """The command in an SMS. `today` is the sender's local day; dates that name no year are read from it."""
    tokens = _tokens(text)
    while tokens and (tokens[0] in _POLITE or not tokens[0].isalnum()):
        tokens.pop(0)
    if not tokens:
        return Unknown()
    verb, rest = tokens[0], tokens[1:]
    if verb in _ANSWERS or _CODE.fullmatch(verb):
        return _answer(tokens)
    match verb:
        case "TUTUP" | "BUKA":
            return _nights(verb, rest, today)
        case "HARGA":
            return _price(rest)
        case "JADWAL":
            return Schedule(dates.read_month(rest, today) or today.replace(day=1))
        case "UANG":
            return Money()
        case "BANTU" | "BANTUAN":
            return Help()
        case "TELEPON" | "TELPON" | "TELP":
            return CallMe()
        case "STOP" | "BERHENTI":
            return Stop()
        case "MULAI":
            return Start()
        case "BAHASA":
            return Language(next((_LANGUAGES[word] for word in rest if word in _LANGUAGES), None))
        case _:
            # Whoever wants to leave is let go, however they put it.
            return Stop() if _LEAVE & set(tokens) else Unknown()


def _tokens(text: str) -> list[str]:
    joined = _AND.sub(" , ", _UNTIL.sub(" - ", plain(text)))
    return _TOKEN.findall(joined)


def _answer(tokens: list[str]) -> Command:
    """Verb and code in either order. Yes and no before the code is said is no answer."""
    spoken = [token for token in tokens if token.isalnum()]
    start = next((n for n, token in enumerate(spoken) if token.isdigit()), len(spoken))
    code, numbers = _code_and_rest(spoken[start:])
    before = {token for token in spoken[:start] if token in _ANSWERS}
    if not before and code is not None:
        after = next((token for token in spoken[start:] if not token.isdigit()), "")
        before = {after} & _ANSWERS
    kinds = {_kind(word) for word in before}
    if len(kinds) != 1:
        return Unclear(code) if code else Unknown()
    one_time = numbers[0] if numbers and _CODE.fullmatch(numbers[0]) else None
    match kinds.pop():
        case "yes":
            return Accept(code, one_time)
        case "no":
            return Decline(code, _amount(spoken[start:], numbers), bool(numbers))
        case _:
            return Cancel(code, one_time)


def _price(rest: list[str]) -> Price:
    """The code and the figure behind it."""
    spoken = [token for token in rest if token.isalnum()]
    start = next((n for n, token in enumerate(spoken) if token.isdigit()), len(spoken))
    code, numbers = _code_and_rest(spoken[start:])
    return Price(code, _amount(spoken[start:], numbers))


def _kind(word: str) -> str:
    return "yes" if word in _YES else "no" if word in _NO else "cancel"


def _code_and_rest(spoken: list[str]) -> tuple[str | None, list[str]]:
    """The code at the beginning, also when it was broken up (`48-21`), and the numbers right behind it."""
    numbers: list[str] = []
    for token in spoken:
        if token.isdigit():
            numbers.append(token)
        elif numbers and token not in {"RP", "IDR"}:
            break
    for count in range(1, len(numbers) + 1):
        joined = "".join(numbers[:count])
        if _CODE.fullmatch(joined):
            return joined, numbers[count:]
        if len(joined) >= 4:
            break
    return None, []


def _amount(spoken: list[str], numbers: list[str]) -> int | None:
    """Rupiah behind a code: `2400000`, `2.400.000`, `Rp 2400 rb`. None when it is not sure how much was meant."""
    if not numbers or (len(numbers) > 1 and any(len(part) != 3 for part in numbers[1:])):
        return None
    if len(numbers) > 1 and not 1 <= len(numbers[0]) <= 3:
        return None
    digits = "".join(numbers)
    last = len(spoken) - 1 - spoken[::-1].index(numbers[-1])
    scale = _SCALE.get(spoken[last + 1], 1) if last + 1 < len(spoken) else 1
    amount = int(digits[:15]) * scale
    return amount if len(digits) <= 15 and 0 < amount <= _MOST_RUPIAH else None


def _nights(verb: str, rest: list[str], today: date) -> Command:
    numbers = [token for token in rest if token.isdigit()]
    if verb == "BUKA" and len(numbers) == 1 and rest[:1] == numbers and _CODE.fullmatch(numbers[0]):
        return ReopenByCode(numbers[0])
    nights = dates.read_nights(rest, today)
    if nights is None:
        return BadDates(verb)
    return (Close if verb == "TUTUP" else Reopen)(nights.days, nights.room)
