"""The one training loop, and what belongs to it.

    loop       train, Trainer: epochs, batches, evaluation, R seeds at once
    state      what training changes          stepper   one step of a rule
    goodness   Forward-Forward's step         convolution   a first layer of kernels
"""

from topdown.training.loop import Run, Trainer, train

__all__ = ["Run", "Trainer", "train"]
