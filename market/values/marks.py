"""Keyed hashes of what identifies somebody: tax number, phone, bank account, address, however it was written.

Two people who state the same share a mark, and nobody can read the number or address back from it. What a shared
mark means is decided elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

_DIGITS: Final = re.compile(r"[^0-9]")
_WORDS: Final = re.compile(r"[\W_]+", re.UNICODE)
_HOUSE: Final = re.compile(r"[0-9]")
_FEWEST_DIGITS: Final = 6
# How streets are written, and how they are compared.
_SAME: Final = {
    "jalan": "jl",
    "jln": "jl",
    "gang": "gg",
    "nomor": "no",
    "nomer": "no",
    "kelurahan": "kel",
    "kecamatan": "kec",
    "kabupaten": "kab",
    "desa": "ds",
    "dusun": "dsn",
    "lantai": "lt",
}
_DROPPED: Final = frozenset({"no", "rt", "rw"})
Mark = tuple[str, str]


def mark(kind: str, value: str, secret: str) -> Mark | None:
    """The keyed hash of a value; None for an empty one. Addresses come from `address`."""
    plain = _plain(kind, value)
    if not plain:
        return None
    key = hashlib.sha256(b"related parties|" + secret.encode()).digest()
    return kind, hmac.new(key, f"{kind}:{plain}".encode(), hashlib.sha256).hexdigest()


def address(street: str, village: str) -> str:
    """What is compared as an address: the same street and number count only in the same village. "" for none."""
    return f"{_address(street)} {_DIGITS.sub('', village)}" if _address(street) else ""


def kept(kind: str, value: str, secrets: tuple[str, ...]) -> str:
    """The hashes of a value to store instead of it, one for each secret in use, so that a rotation parts nobody."""
    found = (mark(kind, value, secret) for secret in secrets)
    return " ".join(one[1] for one in found if one is not None)


def is_account(written: str) -> bool:
    """Whether this can be the number of a bank account."""
    digits = _DIGITS.sub("", written)
    return _FEWEST_DIGITS <= len(digits) <= 34 and bool(re.fullmatch(r"[0-9 .-]+", written.strip(), re.ASCII))


def _plain(kind: str, value: str) -> str:
    if kind == "address":
        return value
    digits = _DIGITS.sub("", value)
    if kind == "phone" and digits.startswith("0"):
        return "62" + digits[1:]
    # A tax number of 15 digits is the one of 16 with a 0 before it.
    return "0" + digits if kind == "npwp" and len(digits) == 15 else digits


def _address(value: str) -> str:
    """Street and house number in one spelling. Without any number it is a neighbourhood and no address."""
    words = [_SAME.get(word, word) for word in _WORDS.sub(" ", value.casefold()).split()]
    words = [word.lstrip("0") or "0" if word.isdigit() else word for word in words if word not in _DROPPED]
    return " ".join(words) if _HOUSE.search(value) else ""
