"""Doing at compile time what would come out the same on every page: constant texts and icons.

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
from market.web.icons import icon

_LOOKUPS = frozenset({"_", "gettext"})
_ICONS = frozenset({"icon", "draw_icon"})


class _Fold(NodeTransformer):
    """Replaces look-ups of constant texts and icons by what they say."""

    def __init__(self, language: str) -> None:
        self.language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's naming
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.kwargs or len(node.args) != 1:
            return node
        argument = node.args[0]
        if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str):
            return node
        if node.node.name in _LOOKUPS:
            # The look-up at run time fills placeholders even when there are none, so %% means % here too.
            text = gettext(self.language, argument.value) % {}
        elif node.node.name in _ICONS:
            text = str(icon(argument.value))
        else:
            return node
        return nodes.MarkSafeIfAutoescape(nodes.Const(text), lineno=node.lineno)


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
