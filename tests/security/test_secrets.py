"""Secrets: start refuses weak ones, nothing prints them, and demo doors are shut where demo mode is off."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr

import httpx
import pytest
import structlog

from market.app.logs import configure_logs
from market.settings import DOCUMENTED, BadSettings, load
from market.transparency.keys import new_signer, write_signer
from market.web.problems import log

GOOD = "k" * 40
LOG_KEY = write_signer(new_signer("example.test/log"))
PRODUCTION = {
    "MARKET_SECRET_KEY": GOOD,
    "MARKET_LOG_KEY": LOG_KEY,
    "MARKET_BASE_URL": "https://example.test",
}


@pytest.mark.parametrize(
    "secret", ["", "short", "k" * 31, "demo-secret-that-protects-nothing-at-all", " " * 40]
)
def test_start_refuses_a_missing_short_or_known_secret(secret: str):
    with pytest.raises(BadSettings, match="MARKET_SECRET_KEY"):
        load({**PRODUCTION, "MARKET_SECRET_KEY": secret})


def test_a_short_old_key_and_a_default_in_demo():
    with pytest.raises(BadSettings, match="MARKET_SECRET_KEY_OLD"):
        load({**PRODUCTION, "MARKET_SECRET_KEY_OLD": "short"})
    with pytest.raises(BadSettings, match="MARKET_SECRET_KEY_OLD"):
        load({**PRODUCTION, "MARKET_SECRET_KEY_OLD": "demo-secret-that-protects-nothing-at-all"})
    assert load({"MARKET_DEMO": "1"}).demo
    assert load({**PRODUCTION, "MARKET_SECRET_KEY_OLD": "o" * 40}).secrets == (GOOD, "o" * 40)


def test_the_process_says_so_and_stops():
    clean = {name: value for name, value in os.environ.items() if name not in DOCUMENTED}
    done = subprocess.run(
        [sys.executable, "-m", "market", "migrate"],
        env={**clean, "MARKET_SECRET_KEY": "too-short-secret"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "MARKET_SECRET_KEY must be a secret of at least 32 characters" in done.stderr
    assert "too-short-secret" not in done.stderr + done.stdout


SECRETS = {
    "MARKET_SECRET_KEY": "marker-one-" + "x" * 30,
    "MARKET_SECRET_KEY_OLD": "marker-two-" + "x" * 30,
    "MARKET_LOG_KEY": write_signer(new_signer("marker-ten.test/log")),
    "MARKET_SMTP_URL": "smtp://user:marker-three@mail.test:25",
    "MARKET_DATABASE_URL": "postgres://user:marker-four@database.test/market",
    "STRIPE_SECRET_KEY": "sk_test_marker-five",
    "STRIPE_WEBHOOK_SECRET": "whsec_marker-six",
    "MARKET_S3_ENDPOINT": "https://storage.test",
    "MARKET_S3_BUCKET": "photos",
    "MARKET_S3_ACCESS_KEY": "marker-seven",
    "MARKET_S3_SECRET_KEY": "marker-eight",
    "MARKET_SMS_GATEWAY_URL": "https://sms.test",
    "MARKET_SMS_GATEWAY_SECRET": "marker-nine-" + "x" * 30,
}


def test_no_secret_is_printed():
    settings = load(SECRETS)
    assert "marker" not in repr(settings)
    assert "marker" not in str(settings)
    with pytest.raises(BadSettings) as refused:
        load(
            {
                **SECRETS,
                "PORT": "none",
                "MARKET_SMTP_URL": "ftp://user:marker-three@x",
                "MARKET_S3_BUCKET": "",
            }
        )
    assert "marker" not in str(refused.value)


@pytest.mark.parametrize("style", ["text", "json"])
def test_an_error_in_the_log_shows_no_local_values(style: str):
    before = structlog.get_config()
    written = io.StringIO()
    try:
        with redirect_stderr(written):
            configure_logs(style)
            password = "marker-in-a-local-variable"
            try:
                _fail(password)
            except RuntimeError as error:
                log.bind().error("unexpected", path="/en/", exc_info=error)
    finally:
        structlog.configure(**before)
    assert "no luck" in written.getvalue()
    assert "marker" not in written.getvalue().replace('"marker-in-a-local-variable"', "")


def _fail(password: str) -> None:
    raise RuntimeError("no luck")


async def test_forms_leave_no_trace_in_the_log(client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]):
    from tests.web import post_form

    before = structlog.get_config()
    try:
        configure_logs("json")
        typed = {"email": "marker@example.test", "password": "marker-password-long-enough"}
        assert (await post_form(client, "/en/sign-in", typed, action="/sign-in")).status_code == 422
        await client.post("/en/sign-in", data=typed)
        await client.get("/en/trip/marker-token")
        await client.get("/en/nowhere?email=marker@example.test")
    finally:
        structlog.configure(**before)
    seen = capsys.readouterr()
    assert '"sign-in refused"' in seen.err
    assert "marker@" not in seen.err + seen.out
    assert "marker-password" not in seen.err + seen.out
