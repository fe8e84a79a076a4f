"""Short transactions, and the promise that no network call happens inside one.

`transaction()` opens the only transaction of a command. Adapters that talk to the network start with
`assert_idle()`. `after_commit` runs small in-process reactions (cache versions, waking the worker) once the
facts are durable.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from tortoise.transactions import in_transaction as _tortoise_transaction

_hooks: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit_hooks", default=None)


_refusal: ContextVar[type[Exception] | None] = ContextVar("read_only_refusal", default=None)
_repeated: ContextVar[bool] = ContextVar("repeated_work", default=False)
_brief: ContextVar[bool] = ContextVar("brief_transaction", default=False)


@contextmanager
def repeated_work() -> Generator[None]:
    """Within it, SQLite's commits do not wait until the disk has them: for what a job or a retry does again.

    After a power failure (not a killed process) the newest of them may be missing, never an earlier one without
    the later ones; docs/adr/0032 says where that is right.
    """
    token = _repeated.set(True)
    try:
        yield
    finally:
        _repeated.reset(token)


def is_repeated_work() -> bool:
    return _repeated.get()


@contextmanager
def read_only(refusal: type[Exception]) -> Generator[None]:
    """Within it, whatever this task runs, opening a transaction or a single write raises `refusal`."""
    token = _refusal.set(refusal)
    try:
        yield
    finally:
        _refusal.reset(token)


def check_writable() -> None:
    """Raise what `read_only` was given, inside of it."""
    refusal = _refusal.get()
    if refusal is not None:
        raise refusal


def is_brief() -> bool:
    """Whether the transaction that begins now was said to be brief."""
    return _brief.get()


def in_transaction() -> bool:
    """True while this task has a transaction open."""
    return _hooks.get() is not None


def assert_idle() -> None:
    """Refuse to go on when a transaction is open: a slow peer must never hold our rows."""
    if in_transaction():
        raise RuntimeError("no network inside a transaction")


def after_commit(hook: Callable[[], None]) -> None:
    """Call `hook` once the current transaction is committed; at once when none is open."""
    hooks = _hooks.get()
    if hooks is None:
        hook()
    else:
        hooks.append(hook)


@asynccontextmanager
async def transaction(*, brief: bool = False) -> AsyncGenerator[None]:
    """One transaction; inside another one it simply joins, so that commands compose.

    Rolls back and re-raises whatever is raised inside. `brief` promises a handful of statements that each look at
    a few rows by key: SQLite then runs them where they are asked for, which takes less of this thread's time than
    handing each to the connection's thread and fetching its answer (docs/adr/0003). Beginning and committing, which
    may wait, are handed over as always.
    """
    if in_transaction():
        yield
        return
    check_writable()
    hooks: list[Callable[[], None]] = []
    token, manner = _hooks.set(hooks), _brief.set(brief)
    try:
        async with _tortoise_transaction("default"):
            yield
    finally:
        _hooks.reset(token)
        _brief.reset(manner)
    for hook in hooks:
        hook()


@asynccontextmanager
async def savepoint() -> AsyncGenerator[None]:
    """A nested step that may fail alone: an integrity error inside would otherwise end a PostgreSQL transaction."""
    async with _tortoise_transaction("default"):
        yield
