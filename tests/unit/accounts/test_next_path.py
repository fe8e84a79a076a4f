"""Where a form may lead afterwards, and what is remembered of a device."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.accounts.forms import local_path
from market.accounts.sessions import device_label


@pytest.mark.parametrize("path", ["/", "/id/trips", "/en/search?place=alor&x=%2F%2Fy", "/en/#top"])
def test_paths_of_this_site_stay(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "id",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a\nb",
        "/\tx",
        "/é",
        "/" + "a" * 500,
        "/a\\b",
    ],
)
def test_everything_else_leads_nowhere(path: str) -> None:
    assert local_path(path) == ""


@given(st.text(max_size=60))
def test_nothing_typed_leaves_this_host(typed: str) -> None:
    path = local_path(typed)
    assert path == "" or (path[0] == "/" and path[1:2] not in {"/", "\\"})


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/126 Safari/537.36 Edg/126",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox, Linux"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_a_device_is_remembered_by_two_words(agent: str, label: str) -> None:
    assert device_label(agent) == label
