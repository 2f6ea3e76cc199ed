"""Every declared parameter is used."""

import pytest

from topdown_book.figures import Parameter, Settings, experiments, fig2
from topdown_book.store.records import Store

EXPERIMENTS = experiments()
PARAMETERS = tuple(Parameter(name, int, name) for name in ("depth", "width"))
ELSEWHERE = {"fig2": {p.name for p in fig2.FIGURE.beside.parameters}, "tabs3": {"trials"}}
"""Read by what the notebook computes beside its records, and by tuning."""


def test_settings_remember_what_was_read():
    settings = Settings(depth=1, width=2)
    assert settings.unread(PARAMETERS) == ["depth", "width"]
    assert settings["depth"] == 1 and settings.get("depth") == 1
    assert settings.unread(PARAMETERS) == ["width"]


def test_looking_at_all_values_is_no_use_but_a_copy_is():
    settings = Settings(depth=1, width=2)
    assert dict(settings.items()) == {"depth": 1, "width": 2}
    assert settings.unread(PARAMETERS) == ["depth", "width"]
    assert {**settings, "depth": 3} == {"depth": 3, "width": 2}
    assert settings.unread(PARAMETERS) == []


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_parameter_of_an_experiment_is_read_to_make_its_cases(name):
    experiment = EXPERIMENTS[name]
    settings = experiment.settings({"profile": "smoke"}, Store())
    experiment.wanted(settings)
    experiment.pending(settings, Store())
    assert set(settings.unread(experiment.parameters)) <= ELSEWHERE.get(name, set())
