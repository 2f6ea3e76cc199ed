"""The answer of the page on what came after, on made-up results."""

import pandas as pd
import pytest

from topdown_book.figures import Results, came_after


@pytest.mark.parametrize(("deep", "diverged", "lead"), [
    ((80, 81, 82), (), "Here it does: FOTON trains at every depth tried, up to 5 layers"),
    ((9, 10, 11), (), "Not here: of 1 and 5 layers FOTON trains with 1"),
    ((80, 81, 10), (2,), "Not here: of 1 and 5 layers FOTON trains with 1"),
])
def test_a_depth_counts_as_trained_if_above_chance_and_no_seed_diverged(deep, diverged, lead):
    rows = [dict(variant=rule, depth=depth, seed=seed, epoch=1, metric="test_accuracy", value=value,
                 key=f"{rule}{depth}", diverged=depth == 5 and seed in diverged)
            for rule in came_after.RULES for depth, values in ((1, (90, 91, 92)), (5, deep))
            for seed, value in enumerate(values)]
    settings = dict(dataset="mnist", epochs=1, seeds=3, width=8, depth=5, profile="laptop")
    assert came_after.answer(Results(settings, pd.DataFrame(rows), [])).startswith(lead)
