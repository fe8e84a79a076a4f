"""The log's pages and files, as a visitor without a script, a program and an operator see them."""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from market import clock
from market import db as database
from market.outbox.tools import Tools
from market.transparency import certificates, checkpoints, log
from market.transparency.checkpoint import InclusionProof, open_checkpoint
from market.transparency.keys import LogKeys
from market.transparency.merkle import leaf_hash, root_of, verify_consistency
from market.transparency.notes import Verifier
from market.transparency.tiles import Tile, decode_bundle, range_hash_from_tiles, tiles_of
from tests import factories
from tests.web import form_with, post_form, sign_in, submit


@pytest.fixture
async def filled(client: httpx.AsyncClient, tools: Tools) -> log.Signed:
    """A log of some 300 entries, signed."""
    events = [
        log.Event("claim.decided", f"claim:{n}", {"award": n, "hotel": f"Secret {n}"}, public={"award": n})
        for n in range(299)
    ]
    async with database.transaction():
        await log.append_many(events, now=clock.now())
    return await checkpoints.sign_if_grown(tools.of(LogKeys), now=clock.now())


async def test_an_empty_log_has_pages_and_no_checkpoint(client: httpx.AsyncClient):
    page = await client.get("/en/log")
    assert page.status_code == 200
    assert "No entry yet" in page.text
    for path in ("/log/checkpoint", "/log/tile/0/000", "/log/proof/0", "/en/log/0", "/log/entry/0"):
        assert (await client.get(path)).status_code == 404, path
    assert (await client.get("/log/key")).status_code == 200


async def test_a_program_rebuilds_the_log_from_its_files(client: httpx.AsyncClient, filled: log.Signed):
    key = Verifier.parse((await client.get("/log/key")).text.strip())
    answer = await client.get("/log/checkpoint")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "immutable" not in answer.headers["cache-control"]
    checkpoint = open_checkpoint(answer.text, [key])
    assert checkpoint.size == 300
    kept: dict[Tile, bytes] = {}
    for tile in tiles_of(300):
        served = await client.get(f"/log/{tile.path}")
        assert served.status_code == 200, tile
        assert "immutable" in served.headers["cache-control"]
        kept[tile] = served.content
    hash_of = range_hash_from_tiles(300, lambda tile: kept[tile])
    assert hash_of(0, 300) == checkpoint.root
    entries: list[bytes] = []
    for tile in (Tile(None, 0), Tile(None, 1, 44)):
        entries += decode_bundle((await client.get(f"/log/{tile.path}")).content)
    assert root_of(map(leaf_hash, entries)) == checkpoint.root
    assert (await client.get("/log/entry/41")).content == entries[41]
    proof = InclusionProof.parse((await client.get("/log/proof/41")).text)
    assert proof.verify(entries[41], [key]) == checkpoint
    grown = [base64.b64decode(line) for line in (await client.get("/log/consistency/7/300")).text.split()]
    verify_consistency(7, 300, grown, hash_of(0, 7), checkpoint.root)


@pytest.mark.parametrize(
    "path",
    ["tile/0/001", "tile/0/001.p/45", "tile/0/002", "tile/entries/001", "tile/1/000", "tile/0/1", "tile/x",
     "tile/0/000.p/0", "consistency/7/301", "consistency/8/7", "proof/300", "entry/300", "tile/64/000",
     "tile/63/000", "entry/9223372036854775807"],
)  # fmt: skip
async def test_what_was_not_signed_is_not_served(client: httpx.AsyncClient, filled: log.Signed, path: str):
    assert (await client.get(f"/log/{path}")).status_code == 404


async def test_the_log_page_turns_back_in_time(client: httpx.AsyncClient, filled: log.Signed):
    page = await client.get("/id/log")
    assert 'href="/id/log/298"' in page.text
    assert filled.note.split("\n")[2].replace("+", "&#43;") in page.text.replace("+", "&#43;")
    assert 'href="/id/log?before=275"' in page.text
    older = await client.get("/id/log?before=275")
    assert 'href="/id/log/274"' in older.text
    for asked in ("x", "-1", "0", "9" * 30, "%00"):
        assert (await client.get(f"/id/log?before={asked}")).status_code == 200, asked


async def test_an_entry_shows_open_facts_only(client: httpx.AsyncClient, filled: log.Signed):
    page = await client.get("/en/log/41")
    assert page.status_code == 200
    assert "claim:41" in page.text
    assert "Secret" not in page.text
    assert "Stands" in page.text
    async with database.transaction():
        await log.append("claim.decided", subject="claim:41", version=2, facts={}, now=clock.now())
        await log.erase(41, now=clock.now())
    page = await client.get("/en/log/41")
    assert "Superseded" in page.text
    assert "were erased" in page.text
    assert 'href="/en/log/300"' in page.text
    newest = await client.get("/en/log/300")
    assert "The next checkpoint" in newest.text
    assert (await client.get("/en/log/9999")).status_code == 404


async def certificate(tools: Tools, index: int = 41) -> str:
    keys = tools.of(LogKeys)
    return (
        await certificates.issue(index, keys=keys, verify_url="http://testserver/", now=clock.now())
    ).decode()


async def checked(client: httpx.AsyncClient, text: str) -> str:
    answer = await post_form(client, "/en/verify", {"text": text}, action="verify")
    assert answer.status_code == 200
    return answer.text


async def test_checking_without_a_script(client: httpx.AsyncClient, tools: Tools, filled: log.Signed):
    genuine = await certificate(tools)
    page = await checked(client, genuine)
    assert "A certificate: everything holds" in page
    assert "Secret 41" in page
    assert "Checked by this server" in page
    assert "something is wrong" in await checked(client, genuine.replace("Secret 41", "Secret 42"))
    assert "A checkpoint: everything holds" in await checked(client, filled.note)
    assert "A checkpoint: everything holds" in await checked(client, filled.note.replace("\n", "\r\n"))
    assert "something is wrong" in await checked(client, filled.note.replace("\n300\n", "\n299\n"))
    proof = (await client.get("/log/proof/41")).text
    assert "everything holds" in await checked(client, proof)
    assert "something is wrong" in await checked(client, proof.replace("index 41", "index 40"))
    entry = (await client.get("/log/entry/41")).text
    assert "everything holds" in await checked(client, entry)
    assert "something is wrong" in await checked(client, entry.replace("claim:41", "claim:42"))
    for text in (
        "hello",
        "{}",
        '{"certificate": 1}',
        "[" * 9000,
        "\ud800x".encode("utf-8", "replace").decode(),
    ):
        assert "We do not recognise this" in await checked(client, text)
    assert "Paste something to check" in await checked(client, "  ")


async def test_a_certificate_that_no_longer_counts(
    client: httpx.AsyncClient, tools: Tools, filled: log.Signed
):
    genuine = await certificate(tools)
    async with database.transaction():
        await log.append("certificate.revoked", subject="claim:41", facts={}, now=clock.now())
    page = await checked(client, genuine)
    assert "everything holds" in page
    assert "Revoked" in page
    assert "it no longer counts" in page


async def test_an_uploaded_file_counts_before_the_text(
    client: httpx.AsyncClient, tools: Tools, filled: log.Signed
):
    page = await client.get("/id/verify")
    form = form_with(page.text, field="text")
    files = {"file": ("c.json", b"\xef\xbb\xbf" + (await certificate(tools)).encode(), "application/json")}
    answer = await client.post("/id/verify", data={**form["data"], "text": "x"}, files=files)
    assert "semuanya sah" in answer.text or "everything holds" in answer.text
    files = {"file": ("c.bin", bytes(range(256)), "application/octet-stream")}
    answer = await client.post("/id/verify", data=form["data"], files=files)
    assert answer.status_code == 200
    files = {"file": ("c.bin", b"x" * 300_000, "application/octet-stream")}
    assert (await client.post("/id/verify", data=form["data"], files=files)).status_code == 413


async def test_the_code_on_paper_leads_to_the_answer(client: httpx.AsyncClient, filled: log.Signed):
    entry = await log.get_entry(41)
    assert entry is not None
    good = await client.get(f"/en/verify?entry=41&leaf={entry.leaf_hash_hex[:16]}")
    assert "everything holds" in good.text
    assert "Stands" in good.text
    for query in ("entry=41&leaf=0000000000000000", "entry=41", "entry=41&leaf=", "entry=9999&leaf=00000000"):
        page = await client.get(f"/en/verify?{query}")
        assert "something is wrong" in page.text, query
        assert "claim:41" not in page.text
    assert (await client.get("/en/verify?entry=x&leaf=%00")).status_code == 200


async def test_operators_keep_the_list_of_witnesses(client: httpx.AsyncClient, filled: log.Signed):
    operator = await factories.make_person()
    await factories.make_member(operator, "operator")
    await sign_in(client, operator.id)
    page = "/en/operator/witnesses"

    async def put(name: str, address: str, language: str) -> httpx.Response:
        form = form_with((await client.get(page)).text, field="address")
        return await client.post(
            page, data={**form["data"], "name": name, "address": address, "language": language}
        )

    assert (await put("x", "no", "xx")).text.count('class="err"') == 3
    assert (await put("Harian Uji", "a@koran.test", "id")).status_code == 303
    assert "on the list already" in (await put("Harian Uji", "a@koran.test", "id")).text
    sent = await post_form(client, page, action="/test")
    assert sent.status_code == 303
    shown = await client.get(page)
    assert "On its way" in shown.text
    assert "(<span" not in shown.text
    assert "Harian Uji" in (await client.get("/en/log")).text
    removed = await submit(client, shown, action="/remove")
    assert removed.status_code == 303
    assert "No witness yet" in (await client.get(page)).text
    for act in ("remove", "test"):
        token = form_with((await client.get(page)).text, field="address")["data"]["csrf"]
        answer = await client.post(f"{page}/4711/{act}", data={"csrf": token})
        assert answer.status_code == 404


async def test_a_certificate_keeps_its_exact_shape(
    client: httpx.AsyncClient, tools: Tools, filled: log.Signed
):
    found = json.loads(await certificate(tools))
    assert list(found) == ["certificate", "facts", "salt", "entry", "proof", "verify"]
