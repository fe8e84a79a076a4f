"""Passwords: hashing with argon2id outside the event loop, and the few rules for choosing one.

Long is what counts: 15 characters alone, 8 beside a second factor; no rule about kinds of characters. Refused
is what attackers try first: common words (common_passwords.txt, shipped with the product), runs, repetitions.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from market.values.text import Text, lazy

ALONE, WITH_SECOND_FACTOR = 15, 8
LONGEST = 200
# Each hash takes 19 MiB and tens of milliseconds; two at a time leave a small machine room for its pages.
_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# What is checked when there is no account, so that the answer takes as long as for a wrong password.
_NOBODY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$VfcbNTOKtEuciRkqzQuS1g$duyA5uO1xoHUgbIURSAeugafYoUUqczd/bNP7Eqr/uo"
)
_WORDS = Path(__file__).with_name("common_passwords.txt")
_SWAPS = str.maketrans("013457@$!", "oieastasi")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_RUNS = (
    "1234567890" * 4,
    "0123456789" * 4,
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "qwertyuiopasdfghjklzxcvbnm" * 2,
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "qwertzuiopasdfghjklyxcvbnm",
)
_LEAST_DIFFERENT = 5


def _plain(password: str) -> str:
    """The same password however the keyboard composed its letters."""
    return unicodedata.normalize("NFKC", password)


async def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, _HASHER.hash, _plain(password))


def _verify(kept: str | None, password: str) -> bool:
    try:
        _HASHER.verify(kept or _NOBODY, _plain(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


async def verify_password(kept: str | None, password: str) -> bool:
    """Whether `password` is the one whose hash was kept; no, after as long a while, when nothing was."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, _verify, kept, password)


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with weaker settings than today's and should be made again."""
    return _HASHER.check_needs_rehash(kept)


def why_weak(password: str, *, second_factor: bool = False, about: Collection[str] = ()) -> Text | None:
    """Why this password cannot be taken, or None. `about` are words of the person (name, mail address)."""
    least = WITH_SECOND_FACTOR if second_factor else ALONE
    plain = _plain(password).casefold()
    if len(plain) < least:
        return lazy("Use at least %(count)s characters. A short sentence is easy to remember.", count=least)
    if len(set(plain)) < _LEAST_DIFFERENT or _is_run(plain) or _is_repeated(plain):
        return lazy("This repeats itself or follows the keyboard. Choose something less regular.")
    if _is_common(plain, _own_words(about)):
        return lazy("Others guess this one first. Add words that only you would put together.")
    return None


def _is_run(plain: str) -> bool:
    return any(plain in run or plain in run[::-1] for run in _RUNS)


def _is_repeated(plain: str) -> bool:
    """`abcabcabcabcabc`: found inside itself doubled, before its own end."""
    return plain in (plain + plain)[1:-1]


def _own_words(about: Collection[str]) -> frozenset[str]:
    words = (word for text in about for word in _NOT_LETTERS.split(text.casefold()))
    return frozenset(word for word in words if len(word) > 2)


@lru_cache(maxsize=1)
def _common_words() -> frozenset[str]:
    lines = _WORDS.read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _is_common(plain: str, own: frozenset[str]) -> bool:
    """Whether the letters, digits-for-letters undone, are nothing but common words put in a row."""
    words = _common_words() | own
    readings = (_NOT_LETTERS.sub("", plain), _NOT_LETTERS.sub("", plain.translate(_SWAPS)))
    return any(_made_of(letters, words) for letters in readings if letters)


def _made_of(letters: str, words: frozenset[str]) -> bool:
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(letters[start:end] in words for start in reached if end - start > 2):
            reached.add(end)
    return len(letters) in reached
