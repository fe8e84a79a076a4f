"""Logs: readable lines on a terminal, JSON in production. Secrets and form contents are never logged."""

from __future__ import annotations

import logging
import sys

import structlog


def configure_logs(style: str, least: int = logging.INFO) -> None:
    """Send structured logs to stderr as `text` or `json`, from the level `least` on."""
    renderer = (
        structlog.processors.JSONRenderer()
        if style == "json"
        # The pretty traceback shows every local variable: guests' names and keys among them.
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    processors: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        renderer,
    ]
    if style == "json":
        processors.insert(2, structlog.processors.format_exc_info)
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=_to_stderr,
    )


def _to_stderr(*_: object) -> structlog.PrintLogger:
    """Whatever stands for stderr when something is said: who calls a command from a program may have put another."""
    return structlog.PrintLogger(sys.stderr)
