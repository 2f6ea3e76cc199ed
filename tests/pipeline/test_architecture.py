"""The design's lines hold by themselves: who imports whom, no circle, nothing unused, sizes."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from topdown_book import figures
from topdown_book.figures import architecture
from topdown_book.store import dependencies as code

ROOT = Path(__file__).parents[2]
LIBRARY, COMPANION = code.modules("topdown"), code.modules("topdown_book")

ORDER = ("errors", "random", "recipes", "network", "feedback", "rules", "data", "training",
         "properties")
"""Of the library: each part may import those before it. Theory and slowness stand beside."""
BESIDE = {"theory": {"errors"}, "slowness": {"errors"}, "data": {"errors"}}
FLOORS = {"store": 0, "site": 0, "bench": 1, "figures": 2, "claims": 3, "page": 4, "cli": 4}
"""Of the companion: a part may import those of lower floors."""
OUTSIDE = {"torch", "numpy", "scipy", "numba", "tqdm", "pandas", "sklearn", "pyarrow", "PIL",
           "torchvision"}
"""Packages of others that the library stands on."""
DRAWING = {"matplotlib", "seaborn", "IPython"}
LIMITS = {"topdown": 5200, "topdown_book": 10_500}
HELD = ("topdown",)
"""Houses that keep to their limit, and must go on doing so."""
LONGEST = 45
"""Lines of a function, its documentation left out."""


def parts_of(modules):
    """(module, its part, the other parts that it imports)."""
    for module in modules:
        own = module.split(".")[1]
        others = {name.split(".")[1] for name in code.imports(module)
                  if name.split(".")[0] == module.split(".")[0] and "." in name}
        yield module, own, others - {own}


def others_packages(module):
    """The packages of others that a module imports, the standard library left out."""
    names = {name.split(".")[0] for name in code.all_imports(module)}
    return names - set(sys.stdlib_module_names) - set(code.PACKAGES)


@pytest.mark.parametrize("module", LIBRARY)
def test_the_library_imports_nothing_of_the_companion_and_only_its_own_packages(module):
    assert not {name for name in code.all_imports(module) if name.startswith("topdown_book")}
    assert others_packages(module) <= OUTSIDE


def test_every_part_of_the_library_imports_only_those_before_it():
    for module, own, others in parts_of(LIBRARY):
        allowed = BESIDE.get(own) or set(ORDER[:ORDER.index(own)])
        assert others <= allowed, f"{module} imports {sorted(others - allowed)}"


def test_every_part_of_the_companion_imports_only_lower_floors():
    for module, own, others in parts_of(m for m in COMPANION if not m.endswith("__main__")):
        wrong = {name for name in others if FLOORS[name] >= FLOORS[own]}
        assert not wrong, f"{module} imports {sorted(wrong)}"


def test_theory_and_slowness_do_without_torch():
    start = [m for m in LIBRARY if m.startswith(("topdown.theory", "topdown.slowness"))]
    for module in code.closure(start, ()):
        assert not others_packages(module) & {"torch", "torchvision"}, module


def test_no_module_imports_itself_by_way_of_others():
    @cache
    def reached(module):
        found, waiting = set(), list(code.imports(module))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += code.imports(name)
        return found

    assert [m for m in (*LIBRARY, *COMPANION) if m in reached(m)] == []


def test_no_figure_imports_another():
    """Else a caption of one would be a reason to run the notebook of the other again."""
    place = "topdown_book.figures."
    found = {(name, other) for name in figures.names() for other in figures.names()
             if place + other in code.imports(place + name)}
    assert found <= {("rules", "tab1"), ("index", "hebbian_rate")}, (
        "the page of all rules shows the runs of Table 1, the landing page a finding; else what "
        "figures share is in a file with an underscore")


def test_no_module_is_used_by_nothing():
    """By another module, a script of ci/, a setting or the package's own list of names.

    A package is used if something in it is; figures and rules are found by their names.
    """
    used = {name for module in (*LIBRARY, *COMPANION) for name in code.imports(module)
            if name != module}
    texts = [(ROOT / name).read_text() for name in ("_config.yml", "pyproject.toml")]
    texts += [path.read_text() for path in (ROOT / "ci").glob("*.*") if path.is_file()]
    named = set(re.findall(r"topdown(?:_book)?(?:\.\w+)+", "\n".join(texts)))
    for package in ("topdown", "topdown_book.bench"):  # whose names load on first use
        names = (code.LIB / package.replace(".", "/") / "__init__.py").read_text()
        named |= {f"{package}.{name}" for name in re.findall(r"\w+", names)}
    found = {f"topdown_book.figures.{name}" for name in figures.names()}
    found |= {m for m in LIBRARY if m.startswith("topdown.rules.") and "._" not in m}
    known = used | named | found
    unused = {m for m in (*LIBRARY, *COMPANION) if not m.endswith("__main__")
              and not any(name == m or name.startswith(f"{m}.") for name in known)}
    assert unused == set()


def functions(house):
    for path in sorted((code.LIB / house).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(code.LIB)}: {node.name}", node


def _length(node):
    first = node.body[0]
    documented = ast.get_docstring(node) is not None
    return node.end_lineno - node.lineno + 1 - documented * (first.end_lineno - first.lineno + 1)


@pytest.mark.parametrize("house", LIMITS)
def test_functions_are_short(house):
    lengths = {where: _length(node) for where, node in functions(house)}
    assert {where: count for where, count in lengths.items() if count > LONGEST} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 10


@pytest.mark.parametrize("house", HELD)
def test_a_house_keeps_to_its_size(house):
    assert architecture.lines(house) <= LIMITS[house]


def test_the_library_has_at_most_twelve_entries():
    entries = {path.name for path in (code.LIB / "topdown").iterdir()} - {"__pycache__"}
    assert len(entries) <= 12, sorted(entries)


def test_the_readme_states_the_sizes():
    line = architecture.sizes_in_words()
    assert line in (ROOT / "README.md").read_text(), f"write into README.md: {line}"


def test_a_machine_without_the_book_s_packages_can_make_every_recipe():
    script = ("import sys\nfrom topdown_book import figures\n"
              "for e in figures.experiments().values():\n"
              "    e.cases({**e.profiles['smoke'], 'profile': 'smoke'})\n"
              "print(*sorted(name.split('.')[0] for name in sys.modules))")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=True, env={"PYTHONPATH": str(code.LIB), "HOME": str(ROOT)})
    assert not set(done.stdout.split()) & DRAWING


def test_the_picture_shows_every_part_with_all_its_imports():
    parts = architecture.draw({})
    rows = parts["picture"].data.set_index(["house", "part"])
    assert rows.loc[("topdown", "errors"), "imports"] == ""
    assert "store" in rows.loc[("topdown_book", "figures"), "imports"]
    assert set(rows.loc["topdown_book"].index) == set(FLOORS)
    assert rows.lines.groupby("house").sum()["topdown"] <= architecture.lines("topdown")


def test_an_arrow_that_follows_from_others_is_not_drawn():
    graph = {"a.top": {"a.middle", "a.low"}, "a.middle": {"a.low"}, "a.low": set()}
    assert sorted(architecture.direct(graph)) == [("a.middle", "a.low"), ("a.top", "a.middle")]
    assert architecture.floors(graph) == {"a.low": 0, "a.middle": 1, "a.top": 2}
