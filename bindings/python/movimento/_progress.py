"""Telling how far a long call is."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import _c
from ._calls import guarded


@dataclass(frozen=True)
class Progress:
    """Where a long call is.

    Attributes
    ----------
    fitting : bool
        Whether this is the initial fit, not a step.
    step : int
        Steps completed.
    time : float
        The time reached.
    iteration : int
        Of the minimiser, in this fit or step.
    objective : float
        What is being minimised, or in a fit its relative error.
    """

    fitting: bool
    step: int
    time: float
    iteration: int
    objective: float


#: Told of progress; returns False to cancel.
Watch = Callable[[Progress], object]


class Watcher:
    """What the one progress callback of a solver tells: the user's function, and a bar."""

    def __init__(self) -> None:
        self.watches: list[Watch] = []
        # It does not refer to the solver, which would then outlive its last reference.
        watches = self.watches

        def body(fitting: int, step: int, time: float, iteration: int, objective: float, _: Any) -> bool | None:
            progress = Progress(bool(fitting), step, time, iteration, objective)
            for watch in watches:
                if watch(progress) is False:
                    return False
            return None

        self.callback = _c.mov_progress_fn(guarded(body))

    @contextlib.contextmanager
    def showing(self, progress: bool | Watch, start: float, stop: float | None) -> Iterator[None]:
        """Watches a call with a bar, or with a function, while it runs."""
        if progress is False:
            yield
        elif progress is True:
            with _bar(start, stop) as watch:
                yield from self._with(watch)
        else:
            yield from self._with(progress)

    def _with(self, watch: Watch) -> Iterator[None]:
        self.watches.append(watch)
        try:
            yield
        finally:
            self.watches.remove(watch)


@contextlib.contextmanager
def _line(stop: float | None) -> Iterator[Watch]:
    """Where there is no tqdm: a line in a terminal, and nothing in a file."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    end = "" if stop is None else f" of {stop:.4g}"

    def watch(progress: Progress) -> None:
        print(f"\rt = {progress.time:.4g}{end}, step {progress.step} ", end="", file=sys.stderr, flush=True)

    try:
        yield watch
        # Nobody is called after the last step.
        if stop is not None:
            print(f"\rt = {stop:.4g}{end}", end="", file=sys.stderr)
    finally:
        print(file=sys.stderr)


@contextlib.contextmanager
def _bar(start: float, stop: float | None) -> Iterator[Watch]:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        with _line(stop) as watch:
            yield watch
        return
    if stop is None:
        with tqdm(unit=" iterations") as bar:

            def watch(progress: Progress) -> None:
                bar.update(progress.iteration - bar.n)
                bar.set_postfix(error=f"{progress.objective:.2e}", refresh=False)

            yield watch
        return
    form = "{desc}{percentage:3.0f}%|{bar}| t = {n:.4g} of {total:.4g} [{elapsed}<{remaining}{postfix}]"
    with tqdm(total=stop, initial=start, bar_format=form) as bar:

        def watch(progress: Progress) -> None:
            bar.update(progress.time - bar.n)
            bar.set_postfix(step=progress.step, iteration=progress.iteration, refresh=False)

        yield watch
        bar.update(stop - bar.n)
