"""What makes a password too weak, and the file the common words come from."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.accounts import passwords
from market.accounts.passwords import why_weak


@pytest.mark.parametrize(
    "password",
    [
        "kami duduk di lopo sampai malam",
        "tiga ekor kuda di sabana",
        "correct horse battery staple",
        "xkcd-936-tr0ub4dor&3",
        "ラリー 長い合言葉はよいものです",
        "               tujuh kapal",
    ],
)
def test_long_and_one_s_own_is_enough(password: str) -> None:
    assert why_weak(password) is None


@pytest.mark.parametrize(
    "password",
    [
        "",
        "fourteen chars",
        "passwordpassword",
        "P@ssw0rdP@ssw0rd",
        "PasswordKupang2026!",
        "rahasia-rahasia-123",
        "qwertyuiopasdfghjkl",
        "123456789012345678",
        "987654321098765432",
        "abcdefghijklmnopq",
        "aaaaaaaaaaaaaaaaaaaa",
        "abab cdabab cdabab cd",
        "selamat datang indonesia",
    ],
)
def test_what_others_guess_first_is_refused(password: str) -> None:
    assert why_weak(password) is not None


def test_eight_characters_do_beside_a_second_factor() -> None:
    assert why_weak("lontar!7") is not None
    assert why_weak("lontar!7", second_factor=True) is None
    assert why_weak("lontar!", second_factor=True) is not None
    assert why_weak("kupang12", second_factor=True) is not None


def test_one_s_own_name_is_no_secret() -> None:
    about = ("Maria Ndolu", "maria.ndolu@example.org")
    assert why_weak("maria ndolu maria ndolu 1", about=about) is not None
    assert why_weak("mariandoluexample", about=about) is not None
    assert why_weak("maria menenun di teras", about=about) is None


@given(st.text(alphabet=string.printable, min_size=0, max_size=14))
def test_short_is_never_taken_alone(password: str) -> None:
    assert why_weak(password) is not None


@given(st.text(min_size=15, max_size=60))
def test_any_text_gets_an_answer(password: str) -> None:
    why_weak(password, about=(password,))


def test_a_letter_composed_in_two_ways_is_one_password() -> None:
    kept = passwords._HASHER.hash(passwords._plain("Caf\u00e9 di tepi pantai"))
    assert passwords._verify(kept, "Cafe\u0301 di tepi pantai")


def test_nobody_s_hash_costs_as_much_as_anybody_s() -> None:
    assert not passwords.is_outdated(passwords._NOBODY)
    assert not passwords._verify(None, "nobody has this password")


def test_a_damaged_hash_opens_nothing() -> None:
    assert not passwords._verify("not a hash", "x")


def test_common_words_are_letters_in_order() -> None:
    lines = [line for line in passwords._WORDS.read_text().splitlines() if not line.startswith("#")]
    assert lines == sorted(set(lines))
    assert all(line.isascii() and line.isalpha() and line.islower() for line in lines)
