"""Parameters, experiments and the command line: names, types and values are checked first."""

import json

import pytest
from typer.testing import CliRunner

from topdown.errors import UsageError
from topdown_book.cli import main as cli
from topdown_book.figures import Parameter, check_all, experiments, get
from topdown_book.figures._recipes import decay_epochs
from topdown_book.page import notebook
from topdown_book.store.records import Store
from topdown_book.store.running import plan, run_jobs

EXPERIMENTS = experiments()
WHOLE = Parameter("depth", int, "h", low=1, high=5)
LIST = Parameter("rules", "list", "h", choices=("a", "b"))


@pytest.mark.parametrize(("value", "ok"), [
    (1, True), (5, True), (None, True), (0, False), (6, False), ("3", False), (3.0, False),
    (True, False), ("banana", False), ([1], False),
])
def test_a_whole_number_is_checked_in_type_and_bounds(value, ok):
    if ok:
        assert WHOLE.check(value, "fig") == value
    else:
        with pytest.raises(UsageError, match="fig: depth=.*whole number at least 1 and at most 5"):
            WHOLE.check(value, "fig")


@pytest.mark.parametrize(("value", "result"), [("a", ("a",)), ("a, b", ("a", "b")),
                                               (["b"], ("b",))])
def test_a_list_may_be_a_text_with_commas(value, result):
    assert LIST.check(value, "fig") == result


@pytest.mark.parametrize("value", ("a,c", "", [], 3, "a,,b"))
def test_a_wrong_list_is_refused(value):
    with pytest.raises(UsageError, match="one or more of a, b"):
        LIST.check(value, "fig")


def test_an_unknown_name_is_an_error_with_the_nearest_known_one():
    with pytest.raises(UsageError, match="'deph'; did you mean 'depth'"):
        check_all((WHOLE, LIST), {"deph": 3}, "fig")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_profile_of_every_experiment_is_valid_and_has_all_parameters(name):
    experiment = EXPERIMENTS[name]
    names = {p.name for p in experiment.parameters}
    for profile, values in experiment.profiles.items():
        assert {"profile", *values} == names, f"{name} {profile}"
        check_all(experiment.parameters, {k: list(v) if isinstance(v, tuple) else v
                                          for k, v in values.items()}, name)
        settings = {**values, "profile": profile}
        cases = experiment.cases(settings)
        labels = [tuple(map(str, case.labels.values())) for case in cases]
        assert cases or experiment.pending(settings, Store()), f"{name} {profile}: nothing to train"
        assert len(set(labels)) == len(labels), f"{name} {profile}: labels repeat"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_smoke_profile_uses_the_embedded_data_and_no_profile_poses_as_another(name):
    experiment = EXPERIMENTS[name]
    wanted = {profile: [r for r, _ in experiment.wanted({**values, "profile": profile})]
              for profile, values in experiment.profiles.items()}
    keys = {profile: {recipe.key for recipe in recipes} for profile, recipes in wanted.items()}
    assert {recipe.dataset for recipe in wanted["smoke"]} == {"digits"}
    assert not keys["smoke"] & keys["laptop"]
    assert not keys["laptop"] & keys["paper"]


def test_auto_takes_the_richest_profile_that_is_complete():
    experiment, store = get("fig3"), Store()
    given = dict(depth=1, rules="uniform", seeds=1, epochs=1, width=4, dataset="digits")
    assert experiment.settings(given, store)["profile"] == "smoke"
    smoke = experiment.settings({**given, "profile": "smoke"}, store)
    run_jobs(plan(experiment.wanted(smoke), store, 1), store, "cpu", progress=False)
    assert experiment.settings(given, store)["profile"] == "paper"  # all sizes were given
    assert experiment.settings({**given, "seeds": 2}, store)["profile"] == "smoke"


def test_decay_epochs_keep_their_fractions():
    assert decay_epochs(100) == (60, 90)
    assert decay_epochs(10) == (6, 9)
    assert decay_epochs(3) == ()


def test_only_names_in_papermills_cell_count_as_injected():
    cells = ["", "depth = 3\nother = 1", "# Parameters\ndepth = 4\ndeph = 2\n", "x = 1"]
    assert notebook.injected_names(cells) == {"depth", "deph"}


def test_a_notebook_without_one_of_the_parameters_is_an_error():
    with pytest.raises(UsageError, match="lacks rules"):
        notebook.checked_parameters((WHOLE, LIST), {"depth": 1}, "fig")


def call(*arguments):
    return CliRunner().invoke(cli.app, list(arguments))


def test_run_list_and_verify_work_from_the_command_line():
    done = call("run", "fig3", "--profile", "smoke", "--seeds", "1", "--set", "depth=1",
                "--set", "rules=uniform", "--set", "epochs=1")
    assert done.exit_code == 0, done.output
    assert "nothing to train" in call("run", "fig3", "--profile", "smoke", "--seeds", "1", "--set",
                            "depth=1", "--set", "rules=uniform", "--set", "epochs=1").output
    listed = call("list")
    assert listed.exit_code == 0 and "fig3" in listed.output and "would be trained" in listed.output
    assert "0 differ" in call("verify").output


def test_verify_fails_when_a_record_does_not_match():
    store = Store()
    experiment = get("fig3")
    settings = experiment.settings(dict(profile="smoke", depth=1, rules="uniform", seeds=1,
                                        epochs=1), store)
    run_jobs(plan(experiment.wanted(settings), store, 1), store, "cpu", progress=False)
    record = store.load(experiment.cases(settings)[0].recipe)
    record.provenance[0]["replay"]["norm_layer_1"] *= 1.1
    store.add(record)
    result = call("verify")
    assert result.exit_code == 1 and "1 differ" in result.output


@pytest.mark.parametrize(("arguments", "words"), [
    (("run", "fgi3"), "did you mean 'fig3'"),
    (("run", "fig3", "--set", "deph=3"), "did you mean 'depth'"),
    (("run", "fig3", "--set", "depth=banana"), "depth='banana'"),
    (("run", "fig3", "--set", "depth"), "not name=value"),
    (("run", "fig3", "--profile", "papr"), "profile='papr'"),
])
def test_wrong_use_exits_with_2_and_one_line(arguments, words, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["topdown", *arguments])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert exit_.value.code == 2
    message = capsys.readouterr().err
    assert words in message and len(message.strip().splitlines()) == 1


def test_json_helper_prints_one_object():
    assert json.loads(cli.to_json({"b": 1, "a": [2]})) == {"a": [2], "b": 1}
