"""`topdown list`: what is recorded, what would be trained, and why."""

import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from topdown.data import is_here
from topdown.errors import UsageError
from topdown_book.cli import listing
from topdown_book.cli import main as cli
from topdown_book.figures import get
from topdown_book.store.records import Store
from topdown_book.store.running import plan, run_jobs

GIVEN = dict(profile="smoke", depth=1, rules="uniform", seeds=1, epochs=1)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture
def case():
    experiment = get("fig3")
    return experiment.cases(experiment.settings(GIVEN, Store()))[0]


def train(case, seeds, store):
    run_jobs(plan([(case.recipe, seeds)], store, 1), store, "cpu", progress=False)


def test_each_state_of_a_record_has_its_reason(store, case):
    assert listing.examine(case, [0], store).state == listing.ABSENT
    train(case, [0], store)
    status = listing.examine(case, [0], store)
    assert (status.state, status.recorded, status.absent, status.detail) == (
        listing.COMPLETE, [0], [], "")
    status = listing.examine(case, [0, 1, 2], store)
    assert (status.state, status.absent) == (listing.FEWER, [1, 2])
    assert "would train seeds 1-2" in str(status)
    path = store.path(case.recipe)
    path.write_bytes(path.read_bytes()[:-100])
    status = listing.examine(case, [0], store)
    assert status.state == listing.DAMAGED and path.name in str(status)
    assert status.absent == store.missing(case.recipe, [0]) == [0]


def test_a_record_of_other_code_is_said_to_be_one(store, case):
    train(case, [0], store)
    record = store.load(case.recipe)
    record.provenance[0]["code"] = "0" * 16
    store.add(record)
    assert str(listing.examine(case, [0], store)).endswith(listing.EARLIER)


def test_a_data_set_that_is_not_here_is_named(store, case, monkeypatch, tmp_path):
    monkeypatch.setenv("TOPDOWN_DATA", str(tmp_path))
    elsewhere = replace(case, recipe=replace(case.recipe, dataset="cifar100"))
    assert not is_here("cifar100")
    assert "cifar100 is not here" in str(listing.examine(elsewhere, [0], store))


def test_the_list_counts_what_a_run_would_train(tmp_path, monkeypatch):
    """The plan of `topdown run` and the list agree, for every figure and profile."""
    store, expected = Store(tmp_path), {}
    monkeypatch.setenv("TOPDOWN_RESULTS", str(tmp_path))
    for name in ("fig3", "errata_measured", "tabs1"):
        experiment = get(name)
        for profile in experiment.profiles:
            settings = {**experiment.profiles[profile], "profile": profile}
            jobs = plan(experiment.wanted(settings), store, 1)
            expected[name, profile] = len(jobs)
    for (name, profile), count in expected.items():
        line = listing.summary(get(name), profile, store)
        assert int(re.search(r"(\d+) runs would be trained", line)[1]) == count


def test_neighbours_are_joined():
    assert listing.ranges([7, 0, 1, 2, 9, 8]) == "0-2, 7-9"
    assert listing.ranges([3]) == "3"


def test_one_figure_shows_every_recipe():
    done = CliRunner().invoke(cli.app, ["list", "fig3", "--profile", "smoke"])
    experiment = get("fig3")
    settings = {**experiment.profiles["smoke"], "profile": "smoke"}
    for case in experiment.cases(settings):
        assert case.recipe.key in done.output
    assert "laptop" not in done.output


@pytest.mark.parametrize("arguments, near", [(["fig33"], "fig3"), (["fig3", "--profile", "papre"],
                                                                   "paper")])
def test_unknown_names_are_errors_with_the_nearest(arguments, near):
    done = CliRunner().invoke(cli.app, ["list", *arguments])
    assert isinstance(done.exception, UsageError) and f"mean '{near}'" in str(done.exception)
