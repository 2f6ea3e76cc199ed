"""The directive `{api} MODULE`: every public name of a module with its signature and docstring.

A public name without a docstring is a warning, and so the end of the build. Public are the names of
`__all__`, or else those that the module defines itself. A constant's docstring is the string under
its assignment. A dataclass of more than `MANY` fields is shown with a table of them.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from importlib import import_module
from types import ModuleType

from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

MANY = 12


def public_names(module: ModuleType) -> list[str]:
    """Names in the order of `__all__`, or of the module's file."""
    if hasattr(module, "__all__"):
        return [n for n in module.__all__ if not n.startswith("_")]
    return [name for name, value in vars(module).items() if not name.startswith("_")
            and getattr(value, "__module__", "") == module.__name__]


def documentation(module: ModuleType, name: str) -> str:
    """The docstring of a public name, or ""."""
    value = getattr(module, name)
    if isinstance(value, ModuleType) or inspect.isfunction(value):
        return inspect.getdoc(value) or ""
    if inspect.isclass(value) and value.__module__ != "typing":
        text = vars(value).get("__doc__") or ""
        return "" if text.startswith(f"{name}(") else inspect.cleandoc(text)
    return _under_assignment(module, name)


def _under_assignment(module: ModuleType, name: str) -> str:
    """The string under `name = ...`, in the module or in one that it imports the name from."""
    body = ast.parse(inspect.getsource(module)).body
    for node, after in zip(body, [*body[1:], None]):
        if isinstance(node, ast.ImportFrom) and name in {a.name for a in node.names}:
            source = "." * node.level + (node.module or "")
            return _under_assignment(import_module(source, module.__package__), name)
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if name in {getattr(t, "id", "") for t in targets} and isinstance(after, ast.Expr):
            value = getattr(after.value, "value", "")
            return inspect.cleandoc(value) if isinstance(value, str) else ""
    return ""


def blocks(text: str) -> list[nodes.Node]:
    """A docstring as paragraphs, lists and literal blocks; `code` is set as code."""
    found: list[nodes.Node] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        if block.startswith(("    ", ">>>")) or all(x.startswith("  ") for x in block.split("\n")):
            code = inspect.cleandoc("\n" + block)
            found.append(nodes.literal_block(code, code, language="python"
                                             if code.startswith(">>>") else "none"))
        elif block.lstrip().startswith("- "):
            items = re.split(r"^\s*- ", block.strip(), flags=re.M)[1:]
            found.append(nodes.bullet_list("", *(
                nodes.list_item("", _paragraph(item)) for item in items)))
        else:
            found.append(_paragraph(block))
    return found


def _paragraph(text: str) -> nodes.paragraph:
    parts = re.split(r"`+([^`]+)`+", " ".join(text.split()))
    return nodes.paragraph("", "", *(nodes.literal("", part) if k % 2 else nodes.Text(part)
                                     for k, part in enumerate(parts) if part))


def has_many_fields(value) -> bool:
    return dataclasses.is_dataclass(value) and len(dataclasses.fields(value)) > MANY


def fields_table(cls: type, text: str) -> tuple[str, list[str]]:
    """The docstring up to its first "field: meaning", a Markdown table of all; `ff_...` shares."""
    fields = dataclasses.fields(cls)
    one = f"(?:{'|'.join(f.name for f in fields)})"
    lead, *rest = re.split(rf"\b((?:{one}, )*{one}|\w+\.\.\.): ", " ".join(text.split()))
    said = {name: words.strip().rstrip(".;") for names, words in zip(rest[::2], rest[1::2])
            for name in names.split(", ")}
    shared = {name[:-3]: words for name, words in said.items() if name.endswith("...")}
    lines = ["| Field | Type | Default | Meaning |", "|---|---|---|---|"]
    for field in fields:
        meaning = said.get(field.name) or next(
            (words for start, words in shared.items() if field.name.startswith(start)), "")
        default = "" if field.default is dataclasses.MISSING else f"`{field.default!r}`"
        sentence = re.sub("^[a-z](?=[a-z]| [a-z])", lambda first: first[0].upper(), meaning)
        cells = (f"`{field.name}`", f"`{field.type}`", default, sentence)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lead.strip(), lines


def _signature(value) -> str:
    try:
        text = "(...)" if has_many_fields(value) else str(inspect.signature(value))
    except (TypeError, ValueError):
        return ""
    return re.sub(r"<[^>]*>", "...", text.replace("'", ""))


class Api(SphinxDirective):
    """`{api} topdown.theory`"""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        module = import_module(self.arguments[0])
        names = [n for n in public_names(module) if not isinstance(getattr(module, n), ModuleType)]
        return [self.entry(module, name) for name in names]

    def entry(self, module: ModuleType, name: str) -> nodes.Node:
        """One name: its signature, then its docstring, then its public methods."""
        value, full = getattr(module, name), f"{module.__name__}.{name}"
        text = documentation(module, name)
        if not text:
            logging.getLogger(__name__).warning("%s is public and has no docstring", full,
                                                location=self.get_location())
        called = inspect.isfunction(value) or inspect.isclass(value)
        kind = "class" if inspect.isclass(value) else "function" if called else "data"
        content = addnodes.desc_content("", *self.body(value, text), *self.methods(value, full))
        return self.described(kind, full, name, _signature(value) if called else "", content)

    def body(self, value, text: str) -> list[nodes.Node]:
        if not has_many_fields(value):
            return blocks(text)
        (lead, lines), table = fields_table(value, text), nodes.container(classes=["fields"])
        self.state.nested_parse(StringList(lines, "fields"), 0, table)
        return [*blocks(lead), table]

    def methods(self, value, full: str) -> list[nodes.Node]:
        if not inspect.isclass(value):
            return []
        own = {n: m for n, m in vars(value).items() if inspect.isfunction(m) and n[0] != "_"}
        return [self.described("method", f"{full}.{n}", n, _signature(m), addnodes.desc_content(
            "", *blocks(inspect.getdoc(m) or ""))) for n, m in own.items() if inspect.getdoc(m)]

    def described(self, kind: str, full: str, name: str, signature: str, content) -> nodes.Node:
        head = addnodes.desc_signature("", "", addnodes.desc_name("", name), nodes.inline(
            "", signature, classes=["sig-rest"]), ids=[full], names=[full])
        self.state.document.note_explicit_target(head)
        self.env.get_domain("py").note_object(full, kind, full, location=head)
        return addnodes.desc("", head, content, domain="py", objtype=kind, desctype=kind,
                             no_index=False, classes=["py", kind])


def setup(app) -> None:
    """Called by `topdown_book.site`."""
    app.add_directive("api", Api)
