"""A result depends on the code that made it, and on nothing else."""

import pytest

from topdown.recipes import Recipe
from topdown.rules import RULES
from topdown_book.store import dependencies
from topdown_book.store.dependencies import closure, code_hash, imported, of_training
from topdown_book.store.running import compute

OWN = {"bp": "bp", "fa": "fa", "dfa": "dfa", "drtp": "drtp", "pepita": "pepita", "afa": "afa",
       "pepita-hebbian": "hebbian", "pepita-time-local": "time_local",
       "forward-forward": "forward_forward"}


def rule_files(rule, probe=None):
    names = (f.removeprefix("topdown/rules/").removesuffix(".py") for f in of_training(rule, probe)
             if f.startswith("topdown/rules/"))
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("rule", RULES)
def test_a_run_depends_on_the_file_of_its_own_rule_and_on_no_unrelated_one(rule):
    related = {"drtp": {"dfa"}, "fa": {"bp"}}.get(rule, set())
    assert rule_files(rule) == {OWN[rule]} | related


def test_a_run_depends_on_the_trainer_and_on_no_figure():
    files = set(of_training("dfa"))
    assert {f"topdown/{f}.py" for f in ("training/loop", "training/state", "network", "feedback",
                                 "random")} <= files
    assert not any(f.startswith("topdown_book/") for f in files)


def test_a_probe_is_a_dependency_only_where_it_is_asked_for():
    assert "topdown/training/probes.py" not in of_training("pepita")
    files = set(of_training("pepita", "goodness_difference"))
    assert {"topdown/training/probes.py", "topdown/training/contrast.py"} <= files


def test_comments_docstrings_and_layout_do_not_change_the_hash_but_code_does(tmp_path):
    texts = ['"""Doc."""\ndef f(x):\n    """Doc."""\n    return x + 1\n',
             "# why\ndef f( x ):\n\n    return (x + 1)  # because\n",
             "def f(x):\n    return x - 1\n"]
    files = [tmp_path / f"{k}.py" for k in range(3)]
    for file, text in zip(files, texts):
        file.write_text(text)
    first, same, other = map(code_hash, files)
    assert first == same != other


def test_relative_absolute_and_nested_imports_are_found():
    source = ("from .specs import SPECS\nfrom ..errors import unknown\nimport torch\n"
              "def f():\n    from topdown import feedback as fb, __version__\n")
    assert imported(source, "topdown.data") == {
        "topdown.data.specs", "topdown.errors", "topdown.feedback"}


def test_a_registry_is_a_dependency_but_what_it_lists_is_not():
    found = closure(["topdown_book.figures.figs1"])
    assert {"topdown_book.figures._experiment", "topdown_book.figures"} <= found
    assert "topdown_book.figures.tabs1" not in found


def test_a_record_notes_the_hash_of_the_code_that_made_it():
    recipe = Recipe(dataset="digits", hidden=(8,), epochs=1, rule="dfa")
    assert compute(recipe, [0]).provenance[0]["code"] == dependencies.training_hash("dfa")
