"""What each setting is for, in the operators' words. The installer's words, with defaults, are in docs/settings.md."""

from __future__ import annotations

from typing import Final

from market.values.text import Text, lazy

ABOUT: Final[dict[str, Text]] = {
    "MARKET_DATABASE_URL": lazy("Which kind of database keeps everything."),
    "MARKET_DATA_DIR": lazy("The folder for files: photos, keys, a database in a file."),
    "MARKET_BASE_URL": lazy("The public address, as it stands in mails and calendars."),
    "HOST": lazy("The address the program listens on."),
    "PORT": lazy("The port the program listens on."),
    "MARKET_PROCESSES": lazy("How many processes serve pages."),
    "MARKET_POOL_SIZE": lazy("How many connections to the database each process keeps."),
    "MARKET_SECRET_KEY": lazy("Signs links, cookies and forms, and seals what is private."),
    "MARKET_SECRET_KEY_OLD": lazy("The key before, still accepted while keys are changed."),
    "MARKET_LOG_KEY": lazy("Signs the checkpoints of the public log."),
    "MARKET_LOG_KEY_OLD": lazy("The log's key before; both sign while keys are changed."),
    "MARKET_DEMO": lazy("Whether this is a demonstration, where no money moves and no mail leaves."),
    "MARKET_BRAND": lazy("The name of the marketplace."),
    "MARKET_OCID_PREFIX": lazy("The beginning of the ids in published procurement data."),
    "MARKET_CITY": lazy("The city that runs it."),
    "MARKET_HELP_PHONE": lazy("The phone that people reach us on."),
    "MARKET_ALLOWED_HOSTS": lazy("The host names the site answers to."),
    "MARKET_PROXIES": lazy("The proxies whose word about a visitor's address counts."),
    "MARKET_SMTP_URL": lazy("The mail server that mails leave through; without one they stay in the outbox."),
    "MARKET_MAIL_FROM": lazy("Whom mails come from."),
    "MARKET_MAIL_INBOUND": lazy("The domain that takes answers by mail."),
    "MARKET_MAIL_INBOUND_SECRET": lazy("Signs the answers that the mail server hands over."),
    "MARKET_SMS_GAMMU_DIR": lazy("The folder of the modem's program, for SMS by a SIM card of our own."),
    "MARKET_SMS_GATEWAY_URL": lazy("The company that SMS leave through."),
    "MARKET_SMS_GATEWAY_SECRET": lazy("Signs what that company and we tell each other."),
    "MARKET_SMS_NUMBER": lazy("The number that hosts write to."),
    "MARKET_HOLD_LIMIT": lazy("How many places one network address may hold in ten minutes."),
    "MARKET_REGISTER_KEEP_DAYS": lazy(
        "How many days after a stay the register of foreign guests is erased. Ask the immigration office."
    ),
    "MARKET_DELIVERY_KEEP_DAYS": lazy("How many days sent mails and SMS keep their words."),
    "MARKET_GOODWILL_LIMIT": lazy("How many rupiah one operator may give back alone."),
    "MARKET_BEACON_URL": lazy("Public randomness for drawing officers by lot."),
    "STRIPE_SECRET_KEY": lazy("Opens our account with the card provider."),
    "STRIPE_WEBHOOK_SECRET": lazy("Proves that a message comes from the card provider."),
    "STRIPE_API_BASE": lazy("Where the card provider is reached."),
    "MARKET_BANK": lazy("Our bank account, for guests who pay by transfer."),
    "MARKET_S3_ENDPOINT": lazy("Where files are kept, when not in the folder."),
    "MARKET_S3_BUCKET": lazy("The name of that store."),
    "MARKET_S3_REGION": lazy("The region of that store."),
    "MARKET_S3_ACCESS_KEY": lazy("Opens that store: its name."),
    "MARKET_S3_SECRET_KEY": lazy("Opens that store: its key."),
    "MARKET_LOG": lazy("How the program writes its own log."),
}
