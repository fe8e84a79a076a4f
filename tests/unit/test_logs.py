"""Where log lines go."""

from __future__ import annotations

import io
import sys

import pytest
import structlog

from market.app.logs import configure_logs


def test_lines_go_where_stderr_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    before = structlog.get_config()
    first, second = io.StringIO(), io.StringIO()
    try:
        monkeypatch.setattr(sys, "stderr", first)
        configure_logs("text")
        structlog.get_logger().info("early")
        assert "early" in first.getvalue()
        first.close()
        monkeypatch.setattr(sys, "stderr", second)
        structlog.get_logger().info("later")
        assert "later" in second.getvalue()
    finally:
        structlog.configure(**before)
