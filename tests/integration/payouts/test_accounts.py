"""Bank details: sealed, masked, resting, told to everybody, and moved to a newer key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from market import clock, db
from market.payouts import accounts
from tests.integration.payouts.town import DETAILS, Town

NEW_KEY = "another-secret-only-the-tests-know-9876543210"


async def test_the_number_is_sealed_and_only_its_end_is_shown(town: Town):
    kept = await town.account()
    rows = await db.fetch("SELECT * FROM payout_account")
    sealed = await db.fetch("SELECT * FROM payout_account_secret")
    assert DETAILS.number not in str(rows) + str(sealed)
    assert DETAILS.holder not in str(rows) + str(sealed)
    account = (await accounts.history(town.host.id))[0]
    assert (account.id, account.masked, account.bank) == (kept, "•••• 6789", "Bank NTT")
    assert await accounts.reveal([kept], town.settings.secrets) == {kept: DETAILS}
    with pytest.raises(accounts.Unreadable):
        await accounts.reveal([kept], (NEW_KEY,))


async def test_history_only_grows(town: Town):
    await town.account()
    for statement in ("UPDATE payout_account SET masked = 'x'", "DELETE FROM payout_account"):
        with pytest.raises(Exception, match="append-only"):
            await db.execute(statement)
    await town.account()
    assert len(await accounts.history(town.host.id)) == 2


async def test_a_change_is_told_by_mail_and_sms(town: Town):
    await town.account(ago=timedelta(0))
    sent = await db.fetch("SELECT channel, recipient, body FROM delivery ORDER BY id")
    assert [row["channel"] for row in sent] == ["mail", "sms", "sms"]
    assert sent[0]["recipient"] == town.member.email
    assert {row["recipient"] for row in sent[1:]} == {"+628120000000", "+6281200001111"}
    for row in sent:
        assert DETAILS.number not in row["body"]
    assert "•••• 6789" in sent[0]["body"]


async def test_two_keys_while_rotating_and_then_the_newer_alone(town: Town):
    kept = await town.account()
    rotating = replace(town.settings, secret_key=NEW_KEY, secret_key_old=town.settings.secret_key)
    assert await accounts.reveal([kept], rotating.secrets) == {kept: DETAILS}
    assert await accounts.reseal(rotating.secrets) == 1
    assert await accounts.reseal(rotating.secrets) == 0
    assert await accounts.reveal([kept], (NEW_KEY,)) == {kept: DETAILS}
    usable = (await accounts.current([town.host.id]))[town.host.id]
    assert usable.is_usable(clock.now())
