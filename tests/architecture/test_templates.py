"""Templates are checked like types: what a page gives is what its template (with all it includes) asks for."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta, nodes

from market.i18n.locales import LOCALES
from market.web.render import environment

ROOT = Path(__file__).resolve().parents[2]
ENV = environment("en")
GIVEN = {"page", *ENV.globals}


def calls_of_render() -> Iterator[tuple[str, str, str]]:
    """(module, template, context class name) of every `render(request, "x.html", Context(…))` in the code."""
    for file in sorted((ROOT / "market").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or len(node.args) < 3:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            template, context = node.args[1], node.args[2]
            if name != "render" or not isinstance(template, ast.Constant):
                continue
            if isinstance(context, ast.Name):
                context = _assigned(tree, context)
            if (
                isinstance(context, ast.Call)
                and isinstance(context.func, ast.Name)
                and context.func.id[0].isupper()
            ):
                yield module, str(template.value), context.func.id


def _assigned(tree: ast.Module, name: ast.Name) -> ast.expr:
    """What a variable was last given before it was used."""
    given = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and node.lineno < name.lineno
        and any(isinstance(target, ast.Name) and target.id == name.id for target in node.targets)
    ]
    return max(given, key=lambda node: node.lineno).value if given else name


def asked_for(template: str, seen: set[str] | None = None) -> set[str]:
    """Every variable a template, its parents and its includes use."""
    seen = set() if seen is None else seen
    if template in seen:
        return set()
    seen.add(template)
    source, _, _ = ENV.loader.get_source(ENV, template)  # type: ignore[union-attr]
    tree = ENV.parse(source)
    names = meta.find_undeclared_variables(tree) - _brought_in(tree)
    for other in [*meta.find_referenced_templates(tree), *_PARTS.findall(source)]:
        if (other is not None and not other.startswith("ui/")) or other in {
            "ui/header.html",
            "ui/footer.html",
        }:
            names |= asked_for(other, seen)
    return names - GIVEN - {"caller", "self", "super", "varargs", "kwargs", "gettext", "ngettext", "_"}


def _brought_in(tree: nodes.Template) -> set[str]:
    """Names a template makes itself: macros imported or defined, and what it sets."""
    found = {macro.name for macro in tree.find_all(nodes.Macro)} | {"_trans"}
    found |= {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    for statement in tree.find_all(nodes.FromImport):
        found |= {name if isinstance(name, str) else name[1] for name in statement.names}
    return found


_PARTS = re.compile(r'page\.part\("([^"]+)"\)')
CALLS = sorted(set(calls_of_render()))


@pytest.mark.parametrize(("module", "template", "context"), CALLS)
def test_a_page_gives_exactly_what_its_template_asks_for(module, template, context):
    cls = getattr(importlib.import_module(module), context)
    given = {field.name for field in dataclasses.fields(cls)}
    wanted = asked_for(template)
    assert wanted <= given, f"{template} asks for {wanted - given}, which {context} does not give"


def test_the_scan_finds_pages():
    assert len(CALLS) >= 20


@pytest.mark.parametrize("locale", sorted(LOCALES))
def test_every_template_compiles(locale):
    env: jinja2.Environment = environment(locale)
    for name in env.list_templates(extensions=["html", "txt", "xml"]):
        env.get_template(name)


def test_no_inline_script_style_or_handlers():
    for file in sorted((ROOT / "market").rglob("templates/**/*.html")):
        if "mail" in file.name:
            continue  # mail programs know no stylesheets
        text = file.read_text(encoding="utf-8")
        assert " style=" not in text, file
        assert "<style" not in text, file
        assert " on" not in {
            part[:3] for part in text.split('"')[::2] if part.startswith(" on") and part.endswith("=")
        }
        for script in text.split("<script")[1:]:
            tag = script.split(">")[0]
            assert "src=" in tag or 'type="application/ld+json"' in tag, file  # data, which nothing runs
