"""Sizes and habits that keep the house one can live in."""

from __future__ import annotations

import ast
from pathlib import Path

from market.settings import DOCUMENTED

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "market").rglob("*.py"))
ONE_SITTING = 420


def test_modules_read_in_one_sitting():
    long = {
        str(f.relative_to(ROOT)): n for f in MODULES if (n := len(f.read_text().splitlines())) > ONE_SITTING
    }
    assert long == {}


def test_every_module_says_what_lives_in_it():
    silent = [
        str(f.relative_to(ROOT))
        for f in MODULES
        if f.read_text().strip() and ast.get_docstring(ast.parse(f.read_text())) is None
    ]
    assert silent == []


def test_only_adapters_import_network_clients():
    clients = {"stripe", "httpx", "httpcore", "aiosmtplib", "aiobotocore"}
    for file in MODULES:
        for node in ast.walk(ast.parse(file.read_text())):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            used = clients & {name.split(".")[0] for name in names}
            assert not used or "adapters" in file.parts or file.name == "mailer.py", f"{file}: {used}"


def test_templates_and_pages_never_compare_status_strings():
    for file in sorted((ROOT / "market").rglob("templates/**/*.html")):
        for state in ("cancelled_by_guest", "payment_due", "called_off"):
            assert f'"{state}"' not in file.read_text(), f"{file} decides by {state}"


def test_every_setting_is_documented():
    documented = (ROOT / "docs" / "settings.md").read_text()
    for name, meaning in DOCUMENTED.items():
        assert f"| `{name}` | {meaning} |" in documented, f"docs/settings.md lacks {name}"
    used = (ROOT / "market" / "settings.py").read_text()
    for name in DOCUMENTED:
        assert used.count(f'"{name}"') >= 2, f"{name} is documented but not read"


def test_decision_records_name_checks_that_exist():
    for record in sorted((ROOT / "docs" / "adr").glob("0*.md")):
        for word in record.read_text().replace("`", " ").split():
            path = word.rstrip(".,;)")
            if path.startswith("tests/"):
                assert (ROOT / path).exists(), f"{record.name} names {path}"
