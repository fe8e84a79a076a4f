"""The outbox of demo mode: list, message, HTML part in its sandbox, attachments."""

from __future__ import annotations

import httpx
import pytest

from market import db as database
from market.notifications import service
from market.notifications.mailer import Attachment
from market.notifications.wording import mail_from_template
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings

HOSTILE = "<script>alert(1)</script> & http://testserver/en/trips"


async def mail(subject: str = "Voucher", body: str = HOSTILE) -> int:
    async with database.transaction():
        await service.send_mail(
            to="maria@example.org",
            locale="en",
            subject=subject,
            body_text=body,
            html=f"<p style='color:red'>{body}</p>",
            attachments=[Attachment('a "b"\r\n.html', "text/html", b"<script>1</script>")],
            dedupe_key=f"{subject}:{body}",
        )
    rows = await database.fetch("SELECT MAX(id) AS id FROM delivery")
    return int(rows[0]["id"])


@pytest.mark.parametrize("language", ["id", "en"])
async def test_the_list_shows_the_newest_first(
    client: httpx.AsyncClient, tools: Tools, language: str
) -> None:
    empty = await client.get(f"/{language}/outbox")
    assert empty.status_code == 200
    for n in range(35):
        await mail(f"Number {n}.")
    async with database.transaction():
        await service.send_sms(to="+6281234567890", locale="id", text="Kamar dibuka", dedupe_key="s")
    await worker.drain(tools)
    first = (await client.get(f"/{language}/outbox")).text
    assert first.index("Kamar dibuka") < first.index("Number 34.") < first.index("Number 33.")
    assert "Number 3." not in first
    assert "Number 3." in (await client.get(f"/{language}/outbox?page=2")).text
    for odd in ("0", "-1", "x", "9" * 40, "%00"):
        assert (await client.get(f"/{language}/outbox?page={odd}")).status_code == 200


async def test_a_message_is_text_with_working_links(client: httpx.AsyncClient) -> None:
    number = await mail()
    page = (await client.get(f"/en/outbox/{number}")).text
    assert "<script>alert" not in page
    assert 'href="http://testserver/en/trips"' in page
    assert f"/en/outbox/{number}/html" in page


async def test_the_html_part_has_a_policy_of_its_own(client: httpx.AsyncClient) -> None:
    number = await mail()
    answer = await client.get(f"/en/outbox/{number}/html")
    (policy,) = answer.headers.get_list("content-security-policy")
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_attachments_are_downloads(client: httpx.AsyncClient) -> None:
    number = await mail()
    answer = await client.get(f"/en/outbox/{number}/files/0")
    assert answer.headers["content-disposition"] == 'attachment; filename="a-b-.html"'
    assert answer.content == b"<script>1</script>"
    assert (await client.get(f"/en/outbox/{number}/files/1")).status_code == 404


@pytest.mark.parametrize("path", ["999", "9" * 30, "999/html", "999/files/0", "1/files/99999999999999999999"])
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/en/outbox/{path}")).status_code == 404


async def test_a_mail_comes_from_one_template(client: httpx.AsyncClient, settings: Settings) -> None:
    wording = mail_from_template(
        "accounts/mail_sign_in", {"name": "<b>Ana</b> & Co", "address": "http://testserver/x"}, "en", settings
    )
    assert wording.subject == "Your sign-in link"
    assert wording.text.startswith("Hello <b>Ana</b> & Co,")
    assert "&lt;b&gt;Ana&lt;/b&gt; &amp; Co" in wording.html
    assert '<a href="http://testserver/x"' in wording.html
    assert "<img" not in wording.html
    assert "http" not in wording.html.replace("http://testserver", "")
