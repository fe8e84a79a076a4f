"""One process of a race: so many visitors press “hold” for the same place at the same moment, through the whole app.

    python -m tests.races.booker URL DATA_DIR SLUG FIELDS CLIENTS START_AT

Prints one JSON line: how many got a checkout, how many read “sold out” with an alternative, and anything else.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl

import httpx

from bench.client import FORM_COOKIE, FORM_TOKEN
from market.app.create import create_app
from market.settings import Settings


async def press(client: httpx.AsyncClient, slug: str, fields: dict[str, str], number: int) -> str:
    form = {**fields, "csrf": FORM_TOKEN, "request_key": f"race-request-{number:06}"}
    answer = await client.post(f"/en/listings/{slug}/book", data=form, headers={"cookie": FORM_COOKIE})
    if answer.status_code == 303 and "/checkout" in answer.headers["location"]:
        return "held"
    if answer.status_code == 409 and "sold out" in answer.text.lower():
        return "sold out, with alternatives" if "/book?" in answer.text else "sold out"
    return f"{answer.status_code}: {answer.text[:200]}"


async def main(url: str, data_dir: str, slug: str, fields: str, clients: int, start_at: float) -> None:
    settings = Settings(
        database_url=url,
        data_dir=Path(data_dir),
        secret_key="race" * 10,
        demo=True,
        pool_size=6,
        allowed_hosts=("testserver",),
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            await client.get(f"/en/listings/{slug}/book")
            await asyncio.sleep(max(0.0, start_at - time.time()))
            chosen = dict(parse_qsl(fields))
            base = int(start_at * 1000) % 1000 + id(client) % 100_000
            answers = await asyncio.gather(
                *(press(client, slug, chosen, base * 1000 + n) for n in range(clients))
            )
    print(json.dumps(Counter(answers)), flush=True)


if __name__ == "__main__":
    _, url, data_dir, slug, fields, clients, start_at = sys.argv
    asyncio.run(main(url, data_dir, slug, fields, int(clients), float(start_at)))
