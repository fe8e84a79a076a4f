"""The command line: web, worker, migrate, seed, grant, revoke, assess, replay, verify-log, new-log-key, and the
operators' backup, restore, reconcile and maintenance (`market.backups.commands`).

Each command says what it did; problems go to stderr.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence

from market.backups import arguments as operations
from market.settings import BadSettings, Settings, load


def run(arguments: Sequence[str]) -> int:
    """Run one command; the process's exit code."""
    if arguments and arguments[0] == "assess":
        # Recomputing an award needs no settings, no database and no network.
        from market.claims.assess_file import main as assess  # noqa: PLC0415

        return assess(list(arguments[1:]))
    if arguments and arguments[0] == "new-log-key":
        # Making a key needs no settings: it is the first of them.
        from market.transparency.log_commands import new_key  # noqa: PLC0415

        return new_key(list(arguments[1:]))
    options = _parser().parse_args(arguments)
    try:
        settings = load(os.environ)
    except BadSettings as error:
        print(
            "The settings cannot be used:", *(f"  - {p}" for p in error.problems), sep="\n", file=sys.stderr
        )
        return 2
    if options.command == "web":
        return _web(settings, with_worker=options.with_worker)
    command = _operate if options.command in operations.NAMES else _command
    return asyncio.run(command(settings, options))


async def _command(settings: Settings, options: argparse.Namespace) -> int:
    match options.command:
        case "worker":
            return await _worker(settings)
        case "migrate":
            return await _migrate(settings)
        case "verify-log":
            import market.app.handlers  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport] - names what is covered
            from market.transparency.log_commands import verify_log  # noqa: PLC0415

            return await verify_log(settings, options.checkpoint, options.key)
        case "replay":
            return await _replay(settings)
        case "grant" | "revoke":
            who = (options.email, options.role, options.organisation)
            return await _change_role(settings, options.command, *who)
        case _:
            return await _seed(settings, options.scale)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m market",
        description="Benang: community tourism and verifiable local procurement.",
        epilog="Settings come from the environment; docs/settings.md lists them all.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    web = commands.add_parser("web", help="migrate, fill an empty demo database, and serve")
    web.add_argument("--with-worker", action="store_true", help="run the worker inside the web process")
    commands.add_parser("worker", help="run jobs and timed duties until stopped")
    commands.add_parser("migrate", help="bring the database to the newest schema")
    seed = commands.add_parser("seed", help="fill an empty database with demo content")
    seed.add_argument(
        "--scale", type=int, default=0, metavar="N", help="add N thousand listings, for measuring"
    )
    for name, what in (("grant", "give somebody a role"), ("revoke", "take a role away")):
        role = commands.add_parser(name, help=what)
        role.add_argument("email", metavar="EMAIL", help="the address of their account")
        role.add_argument(
            "role", metavar="ROLE", help="host, supplier, hotel, officer, operator, administrator"
        )
        role.add_argument("--organisation", metavar="SLUG", help="whom they act for")
    check = commands.add_parser(
        "verify-log", help="recompute the public log and all rows it covers; exit 1 names the first bad entry"
    )
    check.add_argument(
        "checkpoint", metavar="CHECKPOINT", nargs="*", help="files of checkpoints kept outside"
    )
    check.add_argument(
        "--key", metavar="KEY", help="the log's verifier key as it was noted outside, or its file"
    )
    operations.add_parsers(commands)
    commands.add_parser("new-log-key", help="print a new signing key: new-log-key NAME", add_help=False)
    commands.add_parser("replay", help="recompute every award of the database and name the first difference")
    commands.add_parser("assess", help="recompute an award from a file: assess FILE.json", add_help=False)
    return parser


async def _operate(settings: Settings, options: argparse.Namespace) -> int:
    import market.app.handlers  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport] - repairs run handlers
    from market.app.logs import configure_logs  # noqa: PLC0415
    from market.app.routes import routes  # noqa: PLC0415
    from market.app.wiring import open_tools  # noqa: PLC0415
    from market.backups import commands as operations  # noqa: PLC0415
    from market.web import urls  # noqa: PLC0415

    configure_logs(settings.log, logging.WARNING)
    urls.learn(routes())
    return await operations.run(settings, options, open_tools)


async def _prepare(settings: Settings) -> None:
    """Migrate, and in demo mode fill an empty database."""
    from market.db.migrate import migrate  # noqa: PLC0415 - each command loads only what it needs

    ran = await migrate(settings.database_url)
    if ran:
        print(f"Database migrated: {', '.join(ran)}", flush=True)
    if settings.demo:
        from market.app.routes import routes  # noqa: PLC0415
        from market.db.config import connect, disconnect  # noqa: PLC0415
        from market.demo import seed  # noqa: PLC0415
        from market.web import urls  # noqa: PLC0415

        urls.learn(routes())
        if ran:
            print("Making the demo content, if it is not there yet. This takes some seconds.", flush=True)
        await connect(settings.database_url, settings.pool_size)
        try:
            if await seed.fill_if_empty(settings):
                print("Filled the empty database with demo content.", flush=True)
        finally:
            await disconnect()


def _web(settings: Settings, *, with_worker: bool) -> int:
    gc.disable()  # nothing becomes garbage while modules are loaded; `server` turns it on again
    import uvicorn  # noqa: PLC0415

    from market.app.logs import configure_logs  # noqa: PLC0415

    configure_logs(settings.log, logging.WARNING)  # what the demo does to itself is nobody's news
    asyncio.run(_prepare(settings))
    configure_logs(settings.log)
    _greet(settings)
    os.environ["MARKET_INSIDE_WORKER"] = "1" if with_worker else "0"
    config = uvicorn.Config(
        "market.app.server:app",
        host=settings.host,
        port=settings.port,
        workers=settings.processes if settings.processes > 1 else None,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    if settings.processes > 1:
        from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

        gc.enable()
        Multiprocess(config, sockets=[config.bind_socket()]).run()
        return 0
    server.run()
    return 0 if server.started else 1


def _greet(settings: Settings) -> None:
    print(f"\n{settings.brand} is at {settings.base_url}/", flush=True)
    if settings.demo:
        from market.demo.people import DEMO_EMAILS  # noqa: PLC0415

        print("Demo mode: no mail, no SMS and no money leave this machine.")
        print(f"  Sign in with one click: {settings.base_url}/en/sign-in")
        print(f"  Demo accounts: {', '.join(DEMO_EMAILS)}")
        print(f"  Mail and SMS that would have been sent: {settings.base_url}/en/outbox", flush=True)
    print("Stop with Ctrl+C.\n", flush=True)


async def _worker(settings: Settings) -> int:
    import market.app.handlers  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport] - registers handlers
    from market.app.logs import configure_logs  # noqa: PLC0415
    from market.app.routes import routes  # noqa: PLC0415
    from market.app.wiring import open_tools  # noqa: PLC0415
    from market.db.config import connect, disconnect  # noqa: PLC0415
    from market.db.migrate import migrate  # noqa: PLC0415
    from market.outbox import worker  # noqa: PLC0415
    from market.web import urls  # noqa: PLC0415

    configure_logs(settings.log)
    await migrate(settings.database_url)
    urls.learn(routes())
    await connect(settings.database_url, settings.pool_size)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    print("Worker running. Stop with Ctrl+C.", flush=True)
    try:
        async with open_tools(settings) as tools:
            await worker.run_forever(stop, tools)
    finally:
        await disconnect()
    return 0


async def _migrate(settings: Settings) -> int:
    from market.db.migrate import migrate  # noqa: PLC0415

    ran = await migrate(settings.database_url)
    print(f"Applied: {', '.join(ran)}" if ran else "The database is up to date.")
    return 0


async def _replay(settings: Settings) -> int:
    from market.claims import replay  # noqa: PLC0415
    from market.db.config import connect, disconnect  # noqa: PLC0415

    await connect(settings.database_url, settings.pool_size)
    try:
        counts = await replay.everything(lambda words: print(words, flush=True))
    except replay.Difference as difference:
        print(difference, file=sys.stderr)
        return 1
    finally:
        await disconnect()
    print(
        f"Recomputed {counts.claims} claims ({counts.lines} lines, {counts.decisions} decisions,"
        f" {counts.draws} draws, {counts.awards} awards of Rp {counts.rupiah:,}): all as stored."
    )
    return 0


async def _change_role(
    settings: Settings, command: str, email: str, role: str, organisation: str | None
) -> int:
    from market.accounts import roles  # noqa: PLC0415
    from market.db.config import connect, disconnect  # noqa: PLC0415
    from market.db.migrate import migrate  # noqa: PLC0415

    await migrate(settings.database_url)
    await connect(settings.database_url, settings.pool_size)
    try:
        print(await (roles.grant if command == "grant" else roles.revoke)(email, role, organisation))
    except roles.CannotChangeRole as refusal:
        print(refusal, file=sys.stderr)
        return 2
    finally:
        await disconnect()
    return 0


async def _seed(settings: Settings, scale: int) -> int:
    from market.app.logs import configure_logs  # noqa: PLC0415
    from market.app.routes import routes  # noqa: PLC0415
    from market.db.config import connect, disconnect  # noqa: PLC0415
    from market.db.migrate import migrate  # noqa: PLC0415
    from market.demo import seed  # noqa: PLC0415
    from market.web import urls  # noqa: PLC0415

    if not 0 <= scale <= 1000:
        print("--scale takes a number of thousands from 0 to 1000", file=sys.stderr)
        return 2
    configure_logs(settings.log)
    await migrate(settings.database_url)
    urls.learn(routes())
    await connect(settings.database_url, settings.pool_size)
    try:
        filled = await seed.fill_if_empty(settings)
        print(
            "Filled the empty database with demo content." if filled else "The database already has content."
        )
        if scale:
            await seed.scale(
                scale * 1000, lambda done, total: print(f"  {done} of {total} listings", flush=True)
            )
    finally:
        await disconnect()
    return 0
