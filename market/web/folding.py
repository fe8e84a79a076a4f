"""Translating templates once, when they are compiled, instead of at every page.

Each language has an environment of its own, so a constant text means the same words every time: `_("Search")`
and a `{% trans %}` block without variables become plain output. Texts with placeholders are still looked up when
the page is made.
"""

from __future__ import annotations

from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from market.i18n.messages import gettext

_LOOKUPS = frozenset({"_", "gettext"})


class _Fold(NodeTransformer):
    """Replaces look-ups of constant texts by the translated, safe text."""

    def __init__(self, language: str) -> None:
        self.language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's naming
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in _LOOKUPS:
            return node
        if len(node.args) != 1 or node.kwargs or not isinstance(node.args[0], nodes.Const):
            return node
        # The look-up at run time fills placeholders even when there are none, so %% means % here too.
        words = gettext(self.language, node.args[0].value) % {}
        return nodes.MarkSafeIfAutoescape(nodes.Const(words), lineno=node.lineno)


class _Template(jinja2.Template):
    """A template whose macros are imported without asking what globals the importer has: all have the same."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        if self._module is None:
            self._module = self.make_module()
        return self._module


class OneLanguage(jinja2.Environment):
    """An environment whose templates speak one language, folded in at compile time."""

    template_class = _Template

    def __init__(self, language: str, **options: Any) -> None:
        super().__init__(**options)
        self.language = language

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        folded = _Fold(self.language).visit(tree)
        assert isinstance(folded, nodes.Template)  # noqa: S101 - the visitor returns what it was given
        return folded
