"""What `topdown list` says: every figure, its recipes, what is recorded, and why more would run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from topdown.data import is_here
from topdown.errors import RecordError
from topdown_book.figures import Case, Experiment
from topdown_book.store.dependencies import training_hash
from topdown_book.store.records import Store, read

COMPLETE, ABSENT, DAMAGED, FEWER = "complete", "no record", "damaged record", "more seeds asked for"
EARLIER = "earlier code"
LEGEND = f"{EARLIER}: the code that trains it has changed since; topdown verify replays the record"


@dataclass(frozen=True)
class Status:
    """One case and what the store holds of it.

    state: one of the four constants above; recorded, absent: seeds; detail: what is wrong with a
    damaged record, or EARLIER.
    """

    case: Case
    state: str
    recorded: list[int]
    absent: list[int]
    detail: str = ""

    @property
    def blocked(self) -> bool:
        """Whether it would be trained, but its data set is not here."""
        return bool(self.absent) and not is_here(self.case.recipe.dataset)

    def __str__(self) -> str:
        recipe = self.case.recipe
        labels = ", ".join(f"{name}={value}" for name, value in self.case.labels.items())
        words = [f"seeds {ranges(self.recorded)} recorded" if self.recorded else "",
                 f"would train seeds {ranges(self.absent)}: {self.state}" if self.absent else "",
                 self.detail,
                 f"{recipe.dataset} is not here" if self.blocked else ""]
        return f"{recipe.key}  {labels}: {'; '.join(filter(None, words))}"


def examine(case: Case, seeds: list[int], store: Store) -> Status:
    """The store's record of `case` against `seeds`; nothing is trained."""
    try:
        provenance = read(store.path(case.recipe), case.recipe).provenance
    except FileNotFoundError:
        return Status(case, ABSENT, [], seeds)
    except RecordError as error:
        return Status(case, DAMAGED, [], seeds, str(error))
    codes = {seed: entry.get("code") for seed, entry in provenance.items()}
    recorded, absent = sorted(codes), [seed for seed in seeds if seed not in codes]
    now = training_hash(case.recipe.rule, case.recipe.probe)
    detail = "" if set(codes.values()) == {now} else EARLIER
    return Status(case, FEWER if absent else COMPLETE, recorded, absent, detail)


def statuses(experiment: Experiment, settings: dict, store: Store) -> list[Status]:
    """One `Status` for every case that can be trained here or must be, in the figure's order."""
    seeds = list(range(settings["seeds"]))
    return [examine(case, seeds, store) for case in experiment.cases(settings) if case.can_run()]


def summary(experiment: Experiment, profile: str, store: Store, each: bool = False) -> str:
    """A line on one profile of a figure; with `each` a line more for every recipe."""
    settings = {**experiment.profiles[profile], "profile": profile}
    found, pending = statuses(experiment, settings, store), experiment.pending(settings, store)
    found_once = list({status.case.recipe: status for status in found}.values())
    line = (f"    {profile:7s} {len(found_once):3d} recipes, "
            f"{len(found_once) * settings['seeds']:4d} runs: {_state(found_once, pending)}")
    return "\n".join([line, *(f"        {status}" for status in found if each)])


def _state(found: list[Status], pending: str) -> str:
    """"complete", or how many runs would be trained and why."""
    absent = sum(len(status.absent) for status in found)
    reasons = Counter(status.state for status in found if status.absent)
    why = ", ".join(f"{count} × {state}" for state, count in reasons.items())
    words = [f"{absent} runs would be trained ({why})" if absent else "", pending]
    words += sorted({f"{status.case.recipe.dataset} is not here"
                     for status in found if status.blocked})
    return "; ".join(filter(None, words)) or COMPLETE


def ranges(numbers: list[int]) -> str:
    """0-4, 7: whole numbers in order, neighbours joined."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
