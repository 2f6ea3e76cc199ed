"""The page "Learn by hand": its JavaScript is the library, in Node and in a browser."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from learn_golden import NAMES, golden
from scipy.stats import ttest_ind

from topdown import Recipe, train
from topdown.data import load

ROOT = Path(__file__).parents[2]
LEARN = ROOT / "book" / "_static" / "learn"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(not NODE and "CI" not in os.environ, reason="needs Node")

CASES = [(rule, hidden, mirroring) for rule in NAMES for hidden in ((12,), (12, 9))
         for mirroring in (False, True)
         if (rule != "afa" or len(hidden) == 1) and (not mirroring or rule in
                                                     ("pepita", "pepita-hebbian", "afa"))]


def in_node(what: str, asked: dict):
    """The answer of the page's own code, run by Node."""
    done = subprocess.run([NODE or "node", ROOT / "tests" / "browser" / "learn_by_hand.js", what],
                          input=json.dumps(asked), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@needs_node
@pytest.mark.parametrize("rule, hidden, mirroring", CASES)
def test_twenty_steps_in_javascript_are_the_library_s_to_1e_10(rule, hidden, mirroring):
    found = in_node("replay", golden(rule, hidden, mirroring))
    assert {"gradients", "weights"} <= set(found) and ("feedback" in found) == mirroring
    assert max(found.values()) < 1e-10, found


@needs_node
def test_a_wrong_rule_does_not_meet_the_golden_vectors():
    wrong = golden("pepita", (12,)) | {"rule": "hebbian"}
    assert in_node("replay", wrong)["gradients"] > 1e-4


@needs_node
def test_the_embedded_digits_are_those_of_the_library():
    found, data = in_node("digits", {}), load("digits")
    assert np.array_equal(np.array(found["x"]) * 255, data.train_images.numpy())
    assert np.array_equal(np.array(found["testX"]) * 255, data.test_images.numpy())
    assert found["labels"] == data.train_labels.tolist()
    assert found["testLabels"] == data.test_labels.tolist()
    assert (LEARN / "digits.js").stat().st_size < 120_000


@needs_node
def test_every_rule_starts_from_the_same_weights_and_a_seed_means_one_network():
    found = in_node("starts", {"rules": list(NAMES.values()), "seeds": [4, 4, 5]})
    assert all(weights == found[0][0] for weights in found[0])
    assert found[0] == found[1] != found[2]


@needs_node
def test_drawn_weights_and_feedback_have_the_recipe_s_spread():
    weights, feedback = in_node("spreads", {"hidden": [128, 128], "scale": 0.3})
    assert weights == pytest.approx([(2 / n) ** 0.5 for n in (64, 128, 128)], rel=0.05)
    assert feedback == pytest.approx(0.3 * (2 / 64) ** 0.5, rel=0.2)


def test_the_page_s_code_weighs_less_than_40_kB():
    files = [f for f in LEARN.rglob("*.js") if not f.name.startswith(("digits", "numbers"))]
    assert len(files) > 10 and sum(f.stat().st_size for f in files) < 40_000


def test_a_rule_in_javascript_has_5_to_15_lines():
    for file in (LEARN / "rules").glob("*.js"):
        lines = [s for s in file.read_text().splitlines() if s and not s.startswith("//")]
        assert 5 <= len(lines) <= 15, file.name


SETTINGS = dict(lr=0.1, momentum=0.9, scale=0.1, hidden=[64], mirroring=False)
SEEDS, EPOCHS = range(6), 30


@pytest.mark.slow
@needs_node
def test_accuracies_after_30_epochs_are_the_library_s_within_seed_noise():
    """Six seeds of each rule here and there: the means are within 0.5 %, or Welch's p > 0.01."""
    names = [*NAMES]
    found = in_node("train", dict(settings=SETTINGS | {"rules": [*NAMES.values()]},
                                  seeds=[*SEEDS], epochs=EPOCHS))
    for rule, here in zip(names, np.transpose(found)):
        recipe = Recipe(dataset="digits", rule=rule, hidden=(64,), lr=0.1, epochs=EPOCHS,
                        dropout=0, decay_epochs=(), feedback="normal", feedback_scale=0.1)
        there = train(recipe, SEEDS, progress=False).curves["test_accuracy"][-1].numpy()
        print(f"{rule}: {here.mean():.1f} ({here.std(ddof=1):.1f}) in JavaScript, "
              f"{there.mean():.1f} ({there.std(ddof=1):.1f}) in Python")
        close = abs(here.mean() - there.mean()) < 0.5
        assert close or ttest_ind(here, there, equal_var=False).pvalue > 0.01, rule


@needs_node
def test_the_picture_for_print_shows_what_the_page_computes():
    drawn = subprocess.run([NODE or "node", ROOT / "ci" / "learn_still.js"], capture_output=True,
                           text=True, check=True).stdout
    kept = (LEARN / "still.svg").read_text()
    ends = [[float(v) for v in re.findall(r'class="end">([\d.]+)<', text)]
            for text in (drawn, kept)]
    assert len(ends[0]) == len(NAMES) and ends[0] == pytest.approx(ends[1], abs=1)


def test_pepita_from_scratch_imports_nothing_of_the_library_but_to_check_and_passes_90_percent():
    script = ROOT / "book" / "pepita_from_scratch.py"
    head, tail = script.read_text().split("**The same as the library.**")
    assert "topdown" not in re.sub(r"^#.*", "", head, flags=re.MULTILINE)
    assert "from topdown import gradients" in tail
    code = [s for s in head.splitlines() if s.strip() and not s.startswith("#")]
    assert len(code) <= 45
    said = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    accuracies = [float(v) for v in re.findall(r"([\d.]+) % of the test", said.stdout)]
    assert len(accuracies) == 6 and accuracies[-1] > 90
    assert float(re.search(r"two updates: (\S+)", said.stdout)[1]) < 1e-12
