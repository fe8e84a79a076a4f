"""What may be written after backup, restore, reconcile and maintenance. Nothing heavy is loaded for it."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from market.values.dates import WITA

NAMES: Final = frozenset({"backup", "restore", "reconcile", "maintenance"})


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands to the command line's."""
    backup = commands.add_parser(
        "backup",
        help="write a backup into a folder: backup FOLDER, or check one: backup verify FILE",
        description="Write a backup of the database and all media into FOLDER while the site runs, or check one.",
        epilog="Keys and passwords are in no backup: keep the environment elsewhere (docs/operations/backup.md).",
    )
    backup.add_argument(
        "what",
        metavar="FOLDER | verify FILE",
        nargs="*",
        default=["backups"],
        help="where to (default: backups), or `verify` and a file that ends in .backup",
    )
    backup.add_argument(
        "--keep", type=_count, metavar="N", help="keep only the newest N backups in the folder"
    )
    backup.add_argument(
        "--key", metavar="KEY", help="verify: the log's verifier key as it was noted outside, or its file"
    )
    restore = commands.add_parser(
        "restore",
        help="put a backup into an empty place, shut until `maintenance off`",
        description="Check a backup and put it into an empty place. The site starts shut: nothing is sent.",
    )
    restore.add_argument("file", metavar="FILE", type=Path, help="a backup: a file that ends in .backup")
    restore.add_argument(
        "--into",
        required=True,
        metavar="EMPTY",
        help="a new data folder for a SQLite backup; postgres://… of an empty database for one of PostgreSQL",
    )
    restore.add_argument(
        "--keep-media",
        action="store_true",
        help="the storage of media was not lost: put only what is missing there",
    )
    reconcile = commands.add_parser(
        "reconcile",
        help="compare our books with the card provider's; exit 1 while they differ",
        description="Ask the card provider for everything since WHEN and list what our books do not say.",
    )
    reconcile.add_argument(
        "--since",
        required=True,
        type=_instant,
        metavar="WHEN",
        help="a day or an instant, WITA unless it says otherwise: 2026-11-22 or 2026-11-22T04:00+00:00",
    )
    reconcile.add_argument(
        "--repair", action="store_true", help="bring our books to where the provider's are"
    )
    repair = commands.add_parser("maintenance", help="shut the site, open it, or say how it stands")
    repair.add_argument(
        "how", metavar="on | off", nargs="?", choices=("on", "off", "status"), default="status"
    )
    repair.add_argument("--reason", default="Maintenance.", help="on: what operators read on every page")
    repair.add_argument(
        "--release",
        action="store_true",
        help="off: also let go what a restore put aside, once somebody has looked",
    )


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError("a whole number from 1")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            "a day or an instant, such as 2026-11-22 or 2026-11-22T12:00"
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=WITA)).astimezone(UTC)
