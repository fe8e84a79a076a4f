"""Who handles which job. Features register plain async functions by name at import; the app imports them all.

A handler takes the job's payload (a JSON object) and the process's adapters. It may run twice for the same
fact, so it must be safe to repeat. It opens its own transactions; network calls stay outside them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from market.outbox.tools import Tools

Payload = dict[str, Any]
Handler = Callable[[Payload, Tools], Awaitable[None]]
Duty = Callable[[Tools], Awaitable[None]]

_handlers: dict[str, Handler] = {}
_duties: dict[str, TimedDuty] = {}


@dataclass(frozen=True, slots=True)
class TimedDuty:
    """Something done again and again: what, and how far apart."""

    name: str
    every: timedelta
    run: Duty


def handles(name: str) -> Callable[[Handler], Handler]:
    """Register the function below as the handler of jobs called `name`."""

    def register(handler: Handler) -> Handler:
        if name in _handlers:
            raise ValueError(f"two handlers for {name}")
        _handlers[name] = handler
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


def handler(name: str) -> Handler:
    """The handler of a job name; KeyError when nobody registered it."""
    return _handlers[name]


def duties() -> list[TimedDuty]:
    return list(_duties.values())
