"""What is sealed opens only with the installation's secrets, for its purpose, and as what it is about."""

from __future__ import annotations

import pytest
from cryptography.fernet import InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from market.sealing import CannotOpen, Purpose, new_key, seal, unseal

NEW, OLD = "n" * 40, "o" * 40
FILES, PEOPLE = Purpose("files"), Purpose("people")


@given(data=st.binary(max_size=300), about=st.text(max_size=40))
def test_sealed_bytes_open_again(data, about):
    key = new_key()
    assert unseal(seal(data, key, about), key, about) == data


def test_a_wrapped_key_moves_to_the_new_secret():
    key = new_key()
    old = FILES.wrap(key, "a", (OLD,))
    fresh = FILES.rewrapped(old, "a", (NEW, OLD))
    assert fresh is not None
    assert FILES.unwrap(fresh, "a", (NEW,)) == key
    assert FILES.rewrapped(fresh, "a", (NEW, OLD)) is None


@pytest.mark.parametrize(
    ("purpose", "about", "secrets"),
    [(FILES, "a", (NEW,)), (FILES, "b", (OLD,)), (PEOPLE, "a", (OLD,)), (FILES, "a", ())],
)
def test_a_wrapped_key_opens_for_nothing_else(purpose, about, secrets):
    with pytest.raises(CannotOpen):
        purpose.unwrap(FILES.wrap(new_key(), "a", (OLD,)), about, secrets)


@pytest.mark.parametrize("broken", ["", "no-name", f"{FILES.key_name(OLD)}.%%%", f"{FILES.key_name(OLD)}."])
def test_what_was_never_sealed_is_refused(broken):
    with pytest.raises(CannotOpen):
        FILES.unwrap(broken, "a", (OLD,))


def test_a_box_opens_with_both_secrets_for_one_purpose():
    closed = FILES.box((OLD,)).encrypt(b"account")
    assert FILES.box((NEW, OLD)).decrypt(closed) == b"account"
    with pytest.raises(InvalidToken):
        PEOPLE.box((OLD,)).decrypt(closed)
