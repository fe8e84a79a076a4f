"""Who handles which job. Features register plain async functions by name at import; the app imports them all.

A handler takes the job's payload (a JSON object) and the process's adapters. It may run twice for the same
fact, so it must be safe to repeat. It opens its own transactions; network calls stay outside them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from market import db
from market.outbox.tools import Tools

Payload = dict[str, Any]
Handler = Callable[[Payload, Tools], Awaitable[None]]
Duty = Callable[[Tools], Awaitable[None]]

_handlers: dict[str, Handler] = {}
_unflushed: set[str] = set()
_duties: dict[str, TimedDuty] = {}


@dataclass(frozen=True, slots=True)
class TimedDuty:
    """Something done again and again: what, and how far apart."""

    name: str
    every: timedelta
    run: Duty


def handles(name: str, *, flushed: bool = True) -> Callable[[Handler], Handler]:
    """Register the function below as the handler of jobs called `name`.

    With `flushed` False its commits do not wait for the disk: right for one whose doing again after a power failure
    is as good as the first time, and which tells the outside nothing that could not be told twice (`run`).
    """

    def register(handler: Handler) -> Handler:
        if name in _handlers:
            raise ValueError(f"two handlers for {name}")
        _handlers[name] = handler
        if not flushed:
            _unflushed.add(name)
        return handler

    return register


def every(interval: timedelta, name: str) -> Callable[[Duty], Duty]:
    """Register the function below as a duty done every `interval` by one worker at a time."""

    def register(duty: Duty) -> Duty:
        if name in _duties:
            raise ValueError(f"two duties called {name}")
        _duties[name] = TimedDuty(name, interval, duty)
        return duty

    return register


async def run(name: str, payload: Payload, tools: Tools) -> None:
    """Do a job; KeyError when nobody registered its name.

    What an unflushed one commits comes before "done" in the database's log: a power failure that takes the one takes
    the other too, and the job, which was on the disk before, runs again.
    """
    handler = _handlers[name]
    if name not in _unflushed:
        await handler(payload, tools)
        return
    with db.repeated_work():
        await handler(payload, tools)


def duties() -> list[TimedDuty]:
    return list(_duties.values())
