"""The settings of SMS: one gateway at most, a real secret, a real number, and nothing secret in a repr."""

from __future__ import annotations

from pathlib import Path

import pytest

from market.settings import BadSettings, SmsAccess, load

SECRET = "a-gateway-secret-that-is-long-enough-0123"
DEMO = {"MARKET_DEMO": "1"}


def test_without_any_setting_sms_stay_here():
    assert load(DEMO).sms == SmsAccess()


def test_a_modem_or_a_gateway():
    modem = load(
        {**DEMO, "MARKET_SMS_GAMMU_DIR": "/var/spool/sms", "MARKET_SMS_NUMBER": "+62 811 1000 0000"}
    ).sms
    assert modem == SmsAccess(Path("/var/spool/sms"), "", "", "+6281110000000")
    gateway = load(
        {**DEMO, "MARKET_SMS_GATEWAY_URL": "https://sms.test/send", "MARKET_SMS_GATEWAY_SECRET": SECRET}
    ).sms
    assert (gateway.gateway_url, gateway.gateway_secret) == ("https://sms.test/send", SECRET)
    assert SECRET not in repr(gateway)


@pytest.mark.parametrize(
    "environ",
    [
        {"MARKET_SMS_GATEWAY_URL": "https://sms.test/send"},
        {"MARKET_SMS_GATEWAY_URL": "https://sms.test/send", "MARKET_SMS_GATEWAY_SECRET": "short"},
        {"MARKET_SMS_GATEWAY_URL": "ftp://sms.test", "MARKET_SMS_GATEWAY_SECRET": SECRET},
        {
            "MARKET_SMS_GAMMU_DIR": "/x",
            "MARKET_SMS_GATEWAY_URL": "https://sms.test",
            "MARKET_SMS_GATEWAY_SECRET": SECRET,
        },
        {"MARKET_SMS_NUMBER": "0811"},
        {"MARKET_SMS_NUMBER": "TELKOMSEL"},
    ],
)
def test_what_cannot_work_stops_the_start(environ):
    with pytest.raises(BadSettings):
        load({**DEMO, **environ})
