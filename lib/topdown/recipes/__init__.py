"""Recipes: what to train. Every default stands here, once.

Source of the defaults: the released code's recipe of Fig. 3 and Tables 2, S1 (see the page on
recipes). A recipe is identified by its values: `key` is a hash of the fields that differ from the
defaults, so that adding a field later leaves old records valid.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import MISSING, asdict, dataclass, fields, replace

from topdown.errors import unknown
from topdown.recipes import names

DATASETS = ("digits", "mnist", "fashion-mnist", "cifar10", "cifar100")
CONVOLUTIONAL = ("bp", "fa", "pepita", "pepita-hebbian")
PRECISIONS = ("fp32", "tf32", "bf16")
"""What each is: `topdown.training.precision`."""
PROBES = {"goodness_difference": "two passes", "modulation": "two passes",
          "contrast": "feedback to the input"}
"""What a probe needs of a rule; the measurements are in `topdown.training.probes`."""
_RULE_OPTIONS = ("presynaptic", "sign", "output_error", "difference_mask", "backward_masks",
                 "normalization")


@dataclass(frozen=True)
class Recipe:
    """One way to train one network.

    dataset: one of DATASETS. rule: a name of `topdown.rules`. hidden: widths of the hidden layers.
    epochs: passes over the data. batch: examples a step. lr, momentum, weight_decay: of SGD, see
    `topdown.training.stepper`. dropout: share of hidden units dropped. decay_epochs: epochs,
    from 1, at whose start the rate is multiplied by decay_factor; decay_factor: at each of them;
    decay_delay: so many epochs later. Epochs at lr, lr/10 and lr/100 of the default 100: with 0,
    as the text reads, 59, 30, 11; with 1, the ancestor's code of 2022, 60, 30, 10; with 2, the
    code of 2023, 61, 30, 9 (`epochs_at_each_rate`). initialization: of W, see `topdown.network`.
    feedback: distribution of F, see `topdown.feedback`. feedback_scale: its factor there.
    feedback_mean: the mean of uniform F in units of its standard deviation.
    presynaptic, sign, output_error, difference_mask: of PEPITA, see `topdown.rules.pepita`.
    normalization: of activities, by "sample" or "batch". masks: dropout masks of the two passes.
    momentum_buffers: of the half-steps of the time-local rule, "shared" or "separate";
    decay_half_steps: how often a batch of it decays the weights.
    mirror_every: at every batch of each k-th epoch, 0 for never; mirror_until: the last epoch to
    mirror; premirror_epochs: whole epochs of mirroring before training; mirror_rate,
    mirror_decay, mirror_through: see `topdown.feedback.mirror`.
    velocity_holds_rate: v <- mu v + lr G, W <- W - v, so that for some steps after a decay the
    weights still move at the old rate. backward_masks: see `topdown.rules.bp`.
    kernels: so many kernels of kernel_size x kernel_size in the place of dense hidden layers, see
    `topdown.training.convolution`; kernel_size: in pixels; kernel_update: under PEPITA.
    n_train: use only so many training examples (a fixed choice); held_out: test on so many
    examples taken from the training set instead of the test set (for tuning);
    evaluation_rows: examples evaluated at a time, no matter for the accuracy. ff_...: options of
    Forward-Forward, see `topdown.rules.forward_forward`; ff_prediction: by the total goodness of a
    label in "all-but-first" or "all" layers, or by a linear "readout" trained beside the layers.
    probe: a measurement of `topdown.training.probes` to record; it changes nothing of the training.
    precision: of the matrix products of training, see `topdown.training.precision`.
    cool_down: besides, the rate falls linearly from the middle of the run on. orthogonal: after
    every step the weights are brought back to orthogonal ones (`topdown.network.orthogonalized`).
    """

    dataset: str = "cifar10"
    rule: str = "pepita"
    hidden: tuple[int, ...] = (1024,)
    epochs: int = 100
    batch: int = 64
    lr: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 0.0
    dropout: float = 0.1
    decay_epochs: tuple[int, ...] = (60, 90)
    decay_factor: float = 0.1
    decay_delay: int = 0
    initialization: str = "he_uniform"
    feedback: str = "uniform"
    feedback_scale: float = 0.05
    presynaptic: str = "modulated"
    sign: int = -1
    output_error: str = "first"
    difference_mask: str = "once"
    normalization: str | None = None
    masks: str = "consistent"
    momentum_buffers: str = "separate"
    decay_half_steps: int = 1
    mirror_every: int = 0
    premirror_epochs: int = 0
    mirror_rate: float = 0.1
    mirror_decay: float = 0.5
    mirror_through: str = "preactivation"
    n_train: int | None = None
    held_out: int = 0
    evaluation_rows: int | None = None
    precision: str = "fp32"
    ff_goodness: str = "sum"
    ff_threshold: float = 1.0
    ff_peer_normalization: float = 0.0
    ff_prediction: str = "all-but-first"
    ff_readout_lr: float = 0.01
    mirror_until: int | None = None
    probe: str | None = None
    feedback_mean: float = 0.0
    kernels: int = 0
    kernel_size: int = 5
    velocity_holds_rate: bool = False
    backward_masks: str = "chain"
    kernel_update: str = "rule"
    cool_down: bool = False
    orthogonal: bool = False
    ff_biases: bool = False
    ff_readout_decay: float = 0.0

    def __post_init__(self):
        for name in ("hidden", "decay_epochs"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not self.decay_epochs:  # nothing to delay: the same recipe, and the same key
            object.__setattr__(self, "decay_delay", 0)
        for name, (holds, what) in _CHECKS.items():
            if not holds(getattr(self, name)):
                raise ValueError(f"recipe: {name}={getattr(self, name)!r} is not {what}")
        if (self.mirror_every or self.premirror_epochs) and self.feedback != "normal":
            raise ValueError("recipe: weight mirroring needs factorised feedback; "
                             f"set feedback='normal' (it is {self.feedback!r})")
        if self.feedback_mean and self.feedback != "uniform":
            raise ValueError(f"recipe: feedback_mean={self.feedback_mean} needs uniform feedback, "
                             f"not {self.feedback!r}")
        if self.backward_masks == "end" and self.normalization:
            raise ValueError("recipe: backward_masks='end' is the ancestor's, which knows no "
                             f"normalization={self.normalization!r}; set it to none")
        if self.orthogonal and self.initialization != "orthogonal":
            raise ValueError("recipe: weights are kept orthogonal only if they are so at first; "
                             f"set initialization='orthogonal' (it is {self.initialization!r})")
        if self.orthogonal and names.rules()[self.rule].objective == "goodness":
            raise ValueError(f"recipe: {self.rule} has no orthogonal weights; leave orthogonal out")
        if self.kernels:
            self._check_convolution()
        elif self.kernel_update != "rule":
            raise ValueError(f"recipe: kernel_update={self.kernel_update!r} needs a convolution; "
                             "set kernels, or leave it out")
        if self.probe and not _suits(self.probe, names.rules()[self.rule]):
            raise ValueError(f"recipe: probe={self.probe!r} needs a rule with a modulated pass, "
                             f"not {self.rule!r}")
        if self.rule == "afa" and len(self.hidden) != 1:
            raise ValueError(f"recipe: afa has one hidden layer, not hidden={self.hidden}")
        if self.rule == "forward-forward" and not self.hidden:
            raise ValueError("recipe: forward-forward has no layer but hidden ones; hidden=() is "
                             "no network, give at least one width")

    def _check_convolution(self) -> None:
        if self.rule not in CONVOLUTIONAL:
            raise ValueError(f"recipe: no convolution for rule={self.rule!r} "
                             f"(known: {', '.join(CONVOLUTIONAL)})")
        usual = dict(hidden=(), feedback="uniform", dropout=0, mirror_every=0, premirror_epochs=0,
                     probe=None, normalization=None, feedback_mean=0.0, masks="consistent",
                     sign=-1, output_error="first", presynaptic="modulated", orthogonal=False)
        for name, value in usual.items():
            if getattr(self, name) != value:
                raise ValueError(f"recipe: with kernels={self.kernels} {name} must be {value!r}, "
                                 f"not {getattr(self, name)!r}")

    def learning_rate(self, epoch: int) -> float:
        """The rate used in `epoch` (from 1)."""
        left = min(1, 2 * (1 + self.epochs - epoch) / self.epochs) if self.cool_down else 1
        return self.lr * self.decay_factor ** self._decays_until(epoch) * left

    def _decays_until(self, epoch: int) -> int:
        return sum(epoch >= e + self.decay_delay for e in self.decay_epochs)

    def epochs_at_each_rate(self) -> tuple[int, ...]:
        """How many epochs are trained at lr, and after each decay: (59, 30, 11) by default."""
        passed = [self._decays_until(epoch) for epoch in range(1, self.epochs + 1)]
        return tuple(passed.count(k) for k in range(len(self.decay_epochs) + 1))

    def with_premirroring_counted(self) -> Recipe:
        """As the code of 2023 runs it: pre-mirroring is among the epochs, and those of the decay.

        One epoch of it leaves 99 of 100 epochs to train, and 59 of them before the decay at 60.
        """
        less = self.premirror_epochs
        return replace(self, epochs=max(0, self.epochs - less),
                       decay_epochs=tuple(max(1, e - less) for e in self.decay_epochs))

    def mirrors_in(self, epoch: int) -> bool:
        """Whether mirroring accompanies the training of `epoch` (from 1)."""
        in_time = self.mirror_until is None or epoch <= self.mirror_until
        return self.mirror_every > 0 and epoch % self.mirror_every == 0 and in_time

    def rule_options(self) -> dict:
        """The options that `topdown.rules.make_options` takes."""
        return {name: getattr(self, name) for name in _RULE_OPTIONS}

    def changes(self) -> dict:
        """The fields that differ from the defaults, under the names by which `key` was made.

        A delay of 1 is `late_decay`, as in the records made when no other could be said.
        """
        found = {f.name: getattr(self, f.name) for f in fields(self)
                 if f.default is MISSING or getattr(self, f.name) != f.default}
        if found.get("decay_delay") == 1:
            found["late_decay"] = bool(found.pop("decay_delay"))
        return found

    @property
    def key(self) -> str:
        """Twelve hexadecimal digits that name the recipe."""
        text = json.dumps(self.changes(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def label(self) -> str:
        """A short text for progress bars and lists."""
        return f"{self.dataset} {self.rule} {'x'.join(map(str, self.hidden))}"

    def to_dict(self) -> dict:
        """Every field, JSON-ready."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict) -> Recipe:
        """The recipe with these fields; ValueError with the nearest known name for others.

        A stored `late_decay` is a delay of one epoch, or none.
        """
        values = dict(values)
        if "late_decay" in values:
            values["decay_delay"] = int(values.pop("late_decay"))
        known = [f.name for f in fields(cls)]
        for name in values:
            if name not in known:
                raise ValueError(unknown("recipe field", name, known))
        return cls(**values)


def _suits(probe: str, rule) -> bool:
    """Whether the probe can look at the rule."""
    learns_by_goodness = PROBES[probe] == "two passes" and rule.objective == "goodness"
    return learns_by_goodness or rule.feedback == "input"


def _one_of(*choices):
    return lambda v: v in choices, "one of " + ", ".join(map(repr, choices))


def _data_set():
    """A known name, "own", or what `topdown.data.own` calls a user's arrays."""
    def holds(v):
        return v in DATASETS or isinstance(v, str) and re.fullmatch("own(-[0-9a-f]{12})?", v)
    return holds, _one_of(*DATASETS, "own")[1]


def _number(low, high=float("inf"), kinds=(int, float)):
    def holds(v):
        return isinstance(v, kinds) and not isinstance(v, bool) and low <= v <= high
    word = "a whole number" if kinds is int else "a number"
    return holds, f"{word} from {low}" + ("" if high == float("inf") else f" to {high}")


def _optional(check):
    return lambda v: v is None or check[0](v), check[1] + ", or none"


def _several(check):
    return lambda v: all(check[0](x) for x in v), "a list, each " + check[1]


_CHECKS = {
    "dataset": _data_set(),
    "rule": (lambda v: isinstance(v, str) and v in names.rules(),
             _one_of(*names.rules())[1] + ", nor registered (topdown.rules.register)"),
    "hidden": _several(_number(1, kinds=int)),
    "epochs": _number(0, kinds=int),
    "batch": _number(1, kinds=int),
    "lr": _number(0),
    "momentum": _number(0, 1),
    "weight_decay": _number(0),
    "dropout": _number(0, 0.99),
    "decay_epochs": _several(_number(1, kinds=int)),
    "decay_factor": _number(0, 1),
    "decay_delay": _number(0, 2, int),
    "initialization": _one_of(*names.INITIALIZATIONS),
    "feedback": _one_of(*names.KINDS),
    "feedback_scale": _number(0),
    "feedback_mean": _number(-10, 10),
    "kernels": _number(0, kinds=int),
    "kernel_size": _number(1, kinds=int),
    "presynaptic": _one_of("modulated", "clean"),
    "sign": _one_of(-1, 1),
    "output_error": _one_of("first", "second"),
    "difference_mask": _one_of("once", "twice"),
    "normalization": _one_of(*names.NORMALIZATIONS),
    "masks": _one_of("consistent", "redrawn"),
    "momentum_buffers": _one_of("separate", "shared"),
    "decay_half_steps": _one_of(1, 2),
    "mirror_every": _number(0, kinds=int),
    "premirror_epochs": _number(0, kinds=int),
    "mirror_rate": _number(0),
    "mirror_decay": _number(0),
    "mirror_through": _one_of(*names.MIRROR_PATHS),
    "velocity_holds_rate": _one_of(False, True),
    "backward_masks": _one_of("chain", "end"),
    "n_train": _optional(_number(1, kinds=int)),
    "held_out": _number(0, kinds=int),
    "evaluation_rows": _optional(_number(1, kinds=int)),
    "precision": _one_of(*PRECISIONS),
    "ff_goodness": _one_of("sum", "mean"),
    "ff_threshold": _number(0),
    "ff_peer_normalization": _number(0),
    "ff_prediction": _one_of("all-but-first", "all", "readout"),
    "ff_readout_lr": _number(0),
    "ff_readout_decay": _number(0),
    "kernel_update": _one_of("rule", "ancestor", "frozen"),
    "mirror_until": _optional(_number(1, kinds=int)),
    "probe": _optional(_one_of(*PROBES)),
}
