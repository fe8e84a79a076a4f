"""An SMS stays in the GSM alphabet and in one part."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from market.notifications.sms_text import _BASIC, _TWO_SEPTETS, one_part, septets


def test_typographic_signs_become_plain() -> None:
    assert (
        one_part("“Tahan” – 2 malam… Rp\u00a0300.000 · Mama’s") == '"Tahan" - 2 malam... Rp 300.000 . Mama\'s'
    )


def test_letters_outside_the_alphabet_lose_their_marks_or_become_a_question() -> None:
    assert one_part("Ndôlú ✓ 寺") == "Ndolu ? ?"


def test_a_long_text_is_cut_with_dots() -> None:
    text = one_part("kata " * 60)
    assert len(text) <= 160
    assert text.endswith("...")


@given(st.text(max_size=400))
def test_always_one_part(text: str) -> None:
    made = one_part(text)
    assert septets(made) <= 160
    assert set(made) <= _BASIC | _TWO_SEPTETS
