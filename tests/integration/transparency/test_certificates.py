"""Certificates: genuine ones hold, changed ones fail at the right step, and later entries end them."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image

from market import clock
from market import db as database
from market.i18n.messages import translate
from market.outbox.tools import Tools
from market.settings import Settings
from market.transparency import certificates, log
from market.transparency.certificate_pdf import Paper, render_pdf, verify_url
from market.transparency.certificates import State, Step, check_certificate
from market.transparency.checkpoint import open_checkpoint
from market.transparency.keys import LogKeys, new_signer
from market.values.text import lazy

FACTS = {"hotel": "Hotel Contoh", "award": 8_000_000, "share": "1/3", "sk": None, "lines": ["a", "b"]}


async def decide(version: int = 1, kind: str = "claim.decided") -> log.Entry:
    async with database.transaction():
        return await log.append(
            kind,
            subject="claim:7",
            version=version,
            facts={**FACTS, "version": version},
            public={"award": 8_000_000},
            now=clock.now(),
        )


async def issued(entry: log.Entry, tools: Tools) -> bytes:
    return await certificates.issue(
        entry.index, keys=tools.of(LogKeys), verify_url="http://x/", now=clock.now()
    )


async def test_a_certificate_holds_with_the_key_alone(db, tools: Tools):
    for _ in range(5):
        await decide()
    entry = await decide()
    data = await issued(entry, tools)
    result = check_certificate(data, tools.of(LogKeys).verifier)
    assert result.valid
    assert result.passed == tuple(Step)
    assert result.index == entry.index
    assert result.facts == {**FACTS, "version": 1}
    assert result.checkpoint is not None
    assert result.checkpoint.size > entry.index


async def test_a_changed_certificate_fails_where_it_was_changed(db, tools: Tools):
    await decide()
    found = json.loads(await issued(await decide(), tools))
    key = tools.of(LogKeys).verifier

    def failed(**changes: object) -> Step | None:
        return check_certificate(json.dumps({**found, **changes}).encode(), key).failed

    assert failed() is None
    assert failed(facts={**found["facts"], "award": 9_000_000}) is Step.FACTS
    assert failed(salt="00" * 32) is Step.FACTS
    assert failed(entry=found["entry"].replace("claim:7", "claim:8")) is Step.INCLUSION
    assert failed(proof=found["proof"].replace("index 1", "index 0")) is Step.INCLUSION
    assert failed(proof=found["proof"].replace("testserver/log\n3", "testserver/log\n4")) is Step.SIGNATURE
    for changes in ({"salt": "xx"}, {"entry": "{}"}, {"proof": ""}, {"certificate": "v2"}, {"facts": []}):
        assert failed(**changes) is Step.FORM
    for data in (b"", b"[]", b"\xff", b"{" * 90_000, b"x" * 300_000):
        assert check_certificate(data, key).failed is Step.FORM
    other = new_signer("testserver/log").verifier
    assert check_certificate(json.dumps(found).encode(), other).failed is Step.SIGNATURE


async def test_other_facts_get_no_certificate(db, tools: Tools):
    entry = await decide()
    await issued(entry, tools)
    found = await log.entry_with_proof(entry.index)
    assert found is not None
    with pytest.raises(ValueError, match="does not commit"):
        certificates.build_certificate({"award": 1}, *found, verify_url="")
    async with database.transaction():
        await log.erase(entry.index, now=clock.now())
    with pytest.raises(ValueError, match="gone"):
        await issued(entry, tools)


async def test_later_entries_end_what_an_entry_says(db):
    first = await decide()
    assert await certificates.standing(99) is None

    async def state() -> State:
        found = await certificates.standing(first.index)
        assert found is not None
        return found.state

    assert await state() is State.CURRENT
    await decide(kind="claim.noted")
    await decide()
    assert await state() is State.CURRENT, "the same version again ends nothing"
    second = await decide(version=2)
    assert await state() is State.SUPERSEDED
    await decide(kind="certificate.revoked")
    assert await state() is State.REVOKED
    newest = await certificates.standing(second.index)
    assert newest is not None
    assert newest.ended_by is not None
    assert newest.ended_by.leaf.kind == "certificate.revoked"


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_on_paper(db, tools: Tools, settings: Settings, tmp_path, locale):
    entry = await decide()
    await issued(entry, tools)
    signed = await log.current_checkpoint()
    assert signed is not None
    url = verify_url(entry, settings, locale)
    paper = Paper(
        locale=locale,
        issuer="Pemerintah Kota Contoh",
        title="Sertifikat #1 *tebal* $x$ \\ <script>",
        number="SBL-2026-0001",
        lead="Diberikan kepada Hotel Contoh.",
        rows=[("Hotel", "Hotel Contoh & Putra"), ("Bagian", "33,33%")],
        issued_at=datetime(2026, 10, 3, 2, 0, 0, 123_456, tzinfo=UTC),
        big=("Keringanan", "Rp 8.000.000"),
        notes=["Rekomendasi sampai nomor SK dicatat."],
    )
    checkpoint = open_checkpoint(signed.note, tools.of(LogKeys).verifiers)
    made = render_pdf(paper, entry, checkpoint, url)
    assert made == render_pdf(paper, entry, checkpoint, url), "the same certificate is the same file"
    assert made.startswith(b"%PDF-")
    assert made.count(b"/FontFile") >= 2, "fonts are inside"
    assert url == f"http://testserver/{locale}/verify?entry={entry.index}&leaf={entry.leaf_hash_hex[:16]}"
    file = tmp_path / "certificate.pdf"
    file.write_bytes(made)
    if qpdf := shutil.which("qpdf"):
        assert subprocess.run([qpdf, "--check", str(file)], check=False, capture_output=True).returncode == 0
    assert read_code(made, tmp_path, paper, entry, checkpoint, url) == url


def read_code(made, tmp_path, paper, entry, checkpoint, url) -> str:
    """What a phone's camera reads off the page: the same page, set as a picture."""
    import typst

    from market.transparency import certificate_pdf

    data = json.dumps(certificate_pdf._data(paper, entry, checkpoint, url), ensure_ascii=False)
    png = typst.compile(
        certificate_pdf._TEMPLATE, format="png", ppi=110, sys_inputs={"data": data}, ignore_system_fonts=True
    )
    picture = Image.open(io.BytesIO(png if isinstance(png, bytes) else png[0])).convert("RGB")
    if zbarimg := shutil.which("zbarimg"):
        file = tmp_path / "page.png"
        picture.save(file)
        read = subprocess.run(
            [zbarimg, "--quiet", "--raw", "--nodbus", str(file)], check=True, capture_output=True, text=True
        )
        assert read.stdout.strip() == url
    return zxingcpp.read_barcodes(picture)[0].text


@pytest.mark.parametrize("locale", ["id", "en"])
def test_the_words_about_the_log_are_in_the_readers_language(locale):
    words = translate(lazy("Check this certificate"), locale)
    assert (words == "Check this certificate") == (locale == "en")
