"""What is recorded is shown, and listed, without torch: its import alone takes seconds."""

import math
import subprocess
import sys

import pytest
from test_published_first import put

from topdown.data import SPECS
from topdown.recipes import Recipe, names
from topdown.rules import RULES
from topdown.training.convolution import Shape
from topdown_book import figures
from topdown_book.store import costs

WITHOUT_TORCH = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "torchvision"):
            raise ImportError(f"{name} is imported")
sys.meta_path.insert(0, Blocked())
"""


def run_without_torch(code: str):
    return subprocess.run([sys.executable, "-c", WITHOUT_TORCH + code], capture_output=True,
                          text=True, timeout=300)


def test_a_figure_is_shown_from_its_records_without_torch():
    figure = figures.get("fig3")
    for case in figure.cases({**figure.profiles["smoke"], "profile": "smoke"}):
        put(case.recipe, range(figure.profiles["smoke"]["seeds"]))
    done = run_without_torch(
        "from topdown_book import figures, page\n"
        "given = {p.name: None for p in figures.get('fig3').parameters}\n"
        "figure = page.open_figure('fig3', given)\nfigure.compute()\nfigure.show()\n"
        "assert figure.shown and 'torch' not in sys.modules")
    assert done.returncode == 0, done.stderr


def test_pages_without_training_are_shown_without_torch():
    done = run_without_torch(
        "from topdown_book import page\nfor name in ('architecture', 'performance'):\n"
        "    figure = page.open_figure(name, {})\n    figure.compute()\n    figure.show()\n"
        "    assert figure.shown and 'torch' not in sys.modules")
    assert done.returncode == 0, done.stderr


def test_the_cost_of_a_convolution_is_that_of_the_places_it_is_computed_at():
    recipe = Recipe(dataset="mnist", rule="bp", hidden=(), dropout=0.0, kernels=8,
                    kernel_size=5)
    shape = Shape(*SPECS["mnist"].shape, 5)
    assert costs._products(recipe) == [math.prod(shape.grid) * shape.patch * 8,
                                       shape.pooled(8) * 10]


@pytest.mark.parametrize(("command", "says"), (("--help", "doctor"), ("list", "fig3"),
                                               ("list fig3", "would train")))
def test_the_command_line_answers_without_torch(command, says):
    done = run_without_torch(f"sys.argv = ['topdown', *{command.split()}]\n"
                             "from topdown_book.cli.main import main\nmain()")
    assert done.returncode == 0 and says in done.stdout, done.stderr


def test_the_digits_are_counted_without_importing_scikit_learn(tmp_path):
    done = run_without_torch("from topdown_book.cli.data_sets import check\n"
                             f"print(check({str(tmp_path)!r}, anew=False)[0])\n"
                             "assert 'sklearn' not in sys.modules")
    assert done.returncode == 0 and "1437 + 360 examples" in done.stdout, done.stderr


def test_what_is_read_of_the_rules_is_what_their_objects_say():
    read = names._of_the_package()
    assert {name: (one.half_steps, one.feedback, one.objective) for name, one in read.items()} == {
        name: (len(rule.half_steps), rule.feedback, rule.objective)
        for name, rule in RULES.items() if rule.half_steps[0].__module__.startswith("topdown.")}
    for name, one in read.items():
        assert {step.__module__ for step in RULES[name].half_steps} == {one.module}
