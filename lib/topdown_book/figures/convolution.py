"""A small convolutional network on images: PEPITA beside BP, FA and kernels that never learn."""

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import learning_figure
from topdown_book.figures._parameters import DATASET, EPOCHS, PROFILE, SEEDS, Parameter
from topdown_book.figures._recipes import each
from topdown_book.figures._words import average, joined, paired, runs

FIXED = "fixed kernels"
ANCESTOR, FROZEN = "PEPITA, kernels as in 2022", "PEPITA, frozen kernels"
"""The released code's sign and size of the kernels' update; none, all else as under PEPITA."""
RULES = {
    FIXED: dict(rule="pepita", feedback_scale=0.0),
    "PEPITA": dict(rule="pepita"),
    ANCESTOR: dict(rule="pepita", kernel_update="ancestor"),
    FROZEN: dict(rule="pepita", kernel_update="frozen"),
    "PEPITA-Hebbian": dict(rule="pepita-hebbian"),
    "FA": dict(rule="fa"),
    "BP": dict(rule="bp"),
}


def cases(settings: dict) -> list[Case]:
    """One convolution, pooling, one dense layer; without feedback only the dense layer learns."""
    return each(settings, RULES, hidden=(), kernels=settings["kernels"], dropout=0.0,
                kernel_size=settings["kernel_size"], n_train=settings["n_train"] or None,
                initialization="he_normal")


FIGURE = Experiment(
    title="A small convolutional network",
    parameters=(
        PROFILE, SEEDS, EPOCHS, DATASET,
        Parameter("kernels", int, "number of kernels", low=1, high=1024),
        Parameter("kernel_size", int, "height and width of a kernel", low=1, high=11),
        Parameter("n_train", int, "number of training images, 0 for all", low=0, high=60000),
    ),
    profiles={
        "smoke": dict(dataset="digits", kernels=8, kernel_size=3, epochs=15, seeds=2, n_train=0),
        "laptop": dict(dataset="mnist", kernels=16, kernel_size=5, epochs=5, seeds=3,
                       n_train=10000),
        "paper": dict(dataset="cifar10", kernels=32, kernel_size=5, epochs=100, seeds=10,
                      n_train=0),
    },
    cases=cases,
)


def draw(results: Results) -> Drawing:
    """Test accuracy against epochs, and at the end, for every way to train the kernels."""
    recipe = results.records[0].recipe
    images = f"{recipe.n_train} images" if recipe.n_train else "all images"
    return learning_figure(results, list(RULES), (
        f"One convolution ({recipe.kernels} kernels of {recipe.kernel_size} x "
        f"{recipe.kernel_size}), pooling and a dense layer, trained on {images} of "
        f"{recipe.dataset}. With fixed or frozen kernels only the dense layer learns, without F "
        "or with it. (a) Test accuracy, mean ± standard deviation over seeds. (b) Single seeds."))


def answer(results: Results) -> str:
    """PEPITA teaches the kernels something if its difference to fixed ones is clearly positive."""
    final = results.final()
    worth = {name: paired(final, "variant", name, FIXED)
             for name in dict.fromkeys(final.variant) if name not in (FIXED, ANCESTOR, FROZEN)}
    own = worth["PEPITA"]
    lead = ("Yes, training the kernels by PEPITA pays" if own.above else
            "No, training the kernels by PEPITA costs accuracy" if own.below else
            "The runs do not show that PEPITA teaches the kernels anything")
    listed = joined(f"{name} {gain.words()}" for name, gain in worth.items())
    published = paired(final, "variant", ANCESTOR, FROZEN)
    fixed = average(final[final.variant == FIXED])
    return (f"{lead}. Against kernels that stay as they were drawn, {fixed}, the "
            f"test accuracy changes by: {listed}. Kernels trained as in the code of 2022 minus "
            f"kernels frozen under the same PEPITA: {published.words()}. {runs(results)}")
