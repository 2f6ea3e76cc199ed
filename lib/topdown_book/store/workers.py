"""Training that ends when it is told to: at a limit of time or at SIGTERM, in several processes."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from contextlib import contextmanager
from multiprocessing.connection import wait

import torch

from topdown.errors import StoreError
from topdown_book.store.progress import Progress
from topdown_book.store.records import Store
from topdown_book.store.running import Job, choose_device, run_jobs, seconds_of, train_all

WORTH = 120.0
"""Seconds of work from which several processes repay their start."""
MOST = 8
_PATIENCE = 20.0
"""Seconds that a process has to end after SIGTERM, before it is killed."""


class Stopped(KeyboardInterrupt):
    """SIGTERM came, or the time is over; what is stored stays, checkpoints included."""


@contextmanager
def stopping(seconds: float | None = None):
    """Within, SIGTERM raises Stopped, and so does the end of `seconds`."""
    def stop(*_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
        raise Stopped

    before = signal.signal(signal.SIGTERM, stop)
    timer = threading.Timer(max(seconds or 0.0, 0.0), os.kill, (os.getpid(), signal.SIGTERM))
    timer.daemon = True
    if seconds is not None:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        signal.signal(signal.SIGTERM, before)


def processes_for(jobs: list[Job], device) -> int:
    """One of one thread for each core: 14 % more than one process of two threads, measured."""
    device = choose_device(device)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    small = sum(seconds_of(job, device) for job in jobs) < WORTH
    return 1 if device.type != "cpu" or small else max(1, min(cores, len(jobs), MOST))


def run_within(jobs: list[Job], store: Store, device="auto", together: int = 1,
               seconds: float | None = None) -> bool:
    """Train the jobs in order; False where `seconds` were over, or SIGTERM came, before the end."""
    try:
        with stopping(seconds):
            count = processes_for(jobs, device)
            if count == 1:
                run_jobs(jobs, store, device, True, together)
            else:
                _run_beside_each_other(jobs, store, count)
    except Stopped:
        return False
    return True


def _run_beside_each_other(jobs: list[Job], store: Store, count: int) -> None:
    """Every process goes through the same list and leaves out what another one trains."""
    context, workers = multiprocessing.get_context("spawn"), []
    total = sum(seconds_of(job, torch.device("cpu")) for job in jobs) / count
    try:
        with Progress(total) as shown:
            for _ in range(count):
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(target=_worker, args=(jobs, store.root, theirs))
                process.start()
                theirs.close()
                workers.append((process, ours))
            _listen(workers, shown, count)
    finally:
        _end([process for process, _ in workers])


def _listen(workers, shown: Progress, count: int) -> None:
    """Show what the processes report, until all have ended. Raises what one of them raised."""
    waiting = {pipe: number for number, (_, pipe) in enumerate(workers)}
    while waiting:
        for pipe in wait(list(waiting)):
            try:
                news = pipe.recv()
            except EOFError:
                number = waiting.pop(pipe)
                process = workers[number][0]
                process.join()
                shown.doing.pop(number, None)
                if process.exitcode:
                    raise StoreError(f"a process that trains ended with code {process.exitcode}; "
                                     "what is stored stays, start again to go on") from None
                continue
            if isinstance(news, BaseException):
                raise news
            doing, amount, skipped = news
            if doing:  # else a job that another of ours has trained, and reported
                shown.report(waiting[pipe], doing, amount / count, skipped / count)


def _end(processes) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + _PATIENCE
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
        if process.exitcode is None:
            process.kill()


def _worker(jobs: list[Job], root, pipe) -> None:
    """Train in this process with one thread; its end is the end of the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends us
    logging.basicConfig(format="topdown: %(message)s", level=logging.INFO)
    torch.set_num_threads(1)
    try:
        with stopping():
            train_all(jobs, Store(root, quiet=True), torch.device("cpu"), 1,
                      lambda *news: pipe.send(news))
    except (Stopped, BrokenPipeError):  # told to stop; the parent is gone
        return
    except Exception as error:
        pipe.send(error)
