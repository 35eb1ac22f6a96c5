"""The words of `%ftstudio` and of the `ftstudio` command: one function each, from the studio and
the parsed words to an object that shows itself."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import Any

from .arguments import LISTS, comparison_from, evaluation_from, spec_from
from .client import Studio


def run(studio: Studio, given: Namespace) -> Any:
    """What the words say."""
    return VERBS[given.command](studio, given)


def _list(studio: Studio, given: Namespace) -> Any:
    return getattr(studio, given.command).find(given.search)


def _train(studio: Studio, given: Namespace) -> Any:
    job = studio.train(**spec_from(given))
    return job.wait() if given.watch else job


def _evaluate(studio: Studio, given: Namespace) -> Any:
    job = studio.evaluate(*given.adapters, **evaluation_from(given))
    return job.result() if given.watch else job


def _export(studio: Studio, given: Namespace) -> Any:
    job = studio.export(given.adapter, given.format, name=given.name, precision=given.precision)
    return job.result() if given.watch else job


VERBS: dict[str, Callable[[Studio, Namespace], Any]] = {
    "status": lambda studio, given: studio.status(),
    **{name: _list for name in LISTS},
    "train": _train,
    "evaluate": _evaluate,
    "compare": lambda studio, given: studio.compare(*given.adapters, **comparison_from(given)),
    "export": _export,
    "watch": lambda studio, given: studio.jobs[given.job].wait(),
    "stop": lambda studio, given: studio.jobs[given.job].stop(save=not given.now),
    "resume": lambda studio, given: studio.jobs[given.job].resume(),
    "code": lambda studio, given: studio.jobs[given.job].code(given.format),
    "log": lambda studio, given: studio.jobs[given.job].log(),
}
