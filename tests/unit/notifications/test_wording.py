"""How a plain text becomes the HTML part."""

from __future__ import annotations

from market.notifications.wording import Block, blocks


def test_paragraphs_buttons_and_lists_are_told_apart() -> None:
    text = "Hello,\n\nSign in:\nhttps://x.example/a\n\n- one\n- two\n\ntwo\nlines\n"
    assert blocks(text) == [
        Block("lines", ("Hello,",)),
        Block("button", ("Sign in",), "https://x.example/a"),
        Block("list", ("one", "two")),
        Block("lines", ("two", "lines")),
    ]


def test_a_sentence_that_starts_with_an_address_is_no_button() -> None:
    assert blocks("Read\nhttps://x.example for more")[0].kind == "lines"


def test_nothing_says_nothing() -> None:
    assert blocks("\n \n\n") == []
