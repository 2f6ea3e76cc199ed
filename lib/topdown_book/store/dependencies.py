"""Which source files a result depends on, and hashes of their code.

Found by reading the import statements, nothing is executed. Comments, docstrings and layout do not
count: only a change that can change a number changes a hash.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import topdown
from topdown.recipes import names

LIB = Path(topdown.__file__).parents[1]
PACKAGES = ("topdown", "topdown_book")
REGISTRIES = frozenset({"topdown_book.figures", "topdown.rules"})
"""Packages that find all figures, or list all rules: who imports one depends on none of them."""


def file_of(module: str) -> Path | None:
    """The source of a module of topdown; None where there is none of that name."""
    top, *rest = module.split(".")
    if top not in PACKAGES or not rest:
        return None
    place = LIB.joinpath(top, *rest)
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in candidates if file.exists()), None)


def imported(source: str, package: str = "") -> set[str]:
    """The modules of topdown that a source text imports, at whatever depth of its code."""
    return {name for name in named(source, package) if file_of(name)}


def named(source: str | ast.AST, package: str = "") -> set[str]:
    """Every module that a source of `package` imports, at whatever depth of its code."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source) if isinstance(source, str) else source):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level]
            base = ".".join([*parents, *filter(None, [node.module])]) if node.level else node.module
            found.update(_module(base, alias.name) for alias in node.names)
    return found


def _module(base: str, name: str) -> str:
    return f"{base}.{name}" if file_of(f"{base}.{name}") else base


@cache
def imports(module: str) -> frozenset[str]:
    """The modules of topdown that a module imports."""
    return frozenset(name for name in all_imports(module) if file_of(name))


def all_imports(module: str) -> set[str]:
    """Everything that a module imports, packages of others as well."""
    file = file_of(module)
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    return named(_parsed(file), package)


def modules(package: str) -> list[str]:
    """Every module of a package of topdown, itself left out."""
    places = (f.relative_to(LIB).with_suffix("") for f in (LIB / package).rglob("*.py"))
    dotted = (".".join(place.parts).removesuffix(".__init__") for place in places)
    return sorted(set(dotted) - {package})


def closure(start: Iterable[str], stop: Iterable[str] = REGISTRIES) -> set[str]:
    """`start` and everything that it imports; modules of `stop` are in it, their imports not."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += [] if module in stop else imports(module)
    return found


@cache
def _parsed(file: Path) -> ast.AST:
    return ast.parse(file.read_text())


@cache
def code_hash(file: Path) -> str:
    """A hash of the code in `file`, without comments, docstrings and layout."""
    tree = _parsed(file)  # what is taken out below imports nothing
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [n for n in body if not _is_text(n)]
    # Not ast.dump, whose text differs between versions of Python.
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:16]


def _is_text(node) -> bool:
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str))


def hashes(modules: Iterable[str]) -> dict[str, str]:
    """Path below lib/ -> hash of its code."""
    files = (file_of(module) for module in sorted(modules))
    return {f.relative_to(LIB).as_posix(): code_hash(f) for f in files}


def of_training(rule: str, probe: str | None = None) -> dict[str, str]:
    """The files that can change the numbers of a run by `rule`, with the hashes of their code."""
    found = names.rules()[rule]
    needed = {"topdown.training.goodness": found.objective == "goodness",
              "topdown.training.probes": bool(probe)}
    unused = {module for module, wanted in needed.items() if not wanted}
    steps = () if found.module else names.RULES[rule].half_steps
    own = {step.__module__ for step in steps if file_of(str(step.__module__))} | (
        {found.module} if found.module else set())
    outside = {f"{step.__module__}.{getattr(step, '__qualname__', '')}": _hash_outside(step)
               for step in steps if step.__module__ not in own}
    return outside | hashes(closure(["topdown.training.loop", *own], REGISTRIES | unused) - unused)


def _hash_outside(function) -> str:
    """A hash of the file of a registered rule, or of the function alone, as in a notebook."""
    file = Path(inspect.getfile(function)) if inspect.isfunction(function) else Path()
    if file.is_file():
        return code_hash(file)
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError):
        return "no source"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def training_hash(rule: str, probe: str | None = None) -> str:
    """One hash for `of_training`: what a record notes, to be recognised as up to date later."""
    return _training_hash(rule, probe, names.RULES.get(rule))


@cache  # by the rule itself: one of the user's own may be registered anew under its name
def _training_hash(name: str, probe: str | None, rule) -> str:
    text = "\n".join(f"{file} {value}" for file, value in of_training(name, probe).items())
    return hashlib.sha256(text.encode()).hexdigest()[:16]
