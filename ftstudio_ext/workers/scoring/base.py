"""What every scorer is: a class that judges one answer at a time.

A scorer of one's own is a subclass of Scorer, in a package under the entry point group
`ftstudio.scorers` or in a Python file of the workspace; see docs/users/evaluate.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, ClassVar

from ftstudio_ext.core.answers import Look
from ftstudio_ext.schema.evaluation_results import ScoredRow
from ftstudio_ext.schema.evaluations import EvaluateSpec
from ftstudio_ext.schema.scorers import MetricInfo


@dataclass(frozen=True)
class Example:
    """An answer to judge. `answer` is the text with code fences and talk around it stripped,
    `row` the dataset's row (the columns of the prompt, of the scorers, and those carried along)."""

    expected: str
    answer: str
    text: str = ""
    prompt: str = ""
    row: dict[str, Any] = field(default_factory=dict)
    stopped: bool = True
    new_tokens: int = 0
    seconds: float = 0.0
    expected_logprob: float | None = None
    """Sum over the expected answer's tokens; only where a scorer `needs_likelihood`."""
    expected_tokens: int = 0


@dataclass(frozen=True)
class Judged:
    """What a scorer says of one answer: a value for each metric (None: cannot be judged), a note
    for people, and for metrics of all rows together what they are computed from."""

    scores: dict[str, float | None]
    note: str | None = None
    stats: dict[str, list[float]] = field(default_factory=dict)
    labels: tuple[str, str] | None = None


class Scorer(ABC):
    """Base of all scorers. One object judges all answers of an evaluation."""

    name: ClassVar[str]
    title: ClassVar[str]
    description: ClassVar[str] = ""
    metrics: ClassVar[tuple[MetricInfo, ...]]
    requires: ClassVar[tuple[str, ...]] = ()
    """Packages without which it cannot be used."""
    fields: ClassVar[tuple[str, ...]] = ()
    """Fields of the specification that it reads."""
    needs_likelihood: ClassVar[bool] = False

    def __init__(self, spec: EvaluateSpec) -> None:
        self.spec = spec

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        """Why it is used without being asked for; None when it is not."""
        return None

    @classmethod
    def missing(cls) -> list[str]:
        """The packages that it needs and that are not there."""
        return [name for name in cls.requires if find_spec(name) is None]

    def prepare(self, expected: Sequence[str]) -> None:
        """All expected answers, once, before the first is judged."""
        return None

    @abstractmethod
    def score(self, example: Example) -> Judged | dict[str, float | None]:
        """Judge one answer; `{metric: value}` will do where there is nothing else to say."""

    def matrix(self, metric: str, rows: Sequence[ScoredRow]) -> Any:
        """For metrics of all rows together: their statistics, shape (rows, k)."""
        import numpy

        return numpy.array([row.stats[metric] for row in rows], dtype=float)

    def total(self, metric: str, sums: Any) -> Any:
        """For metrics of all rows together: from summed statistics, shape (…, k), the value (…)."""
        raise NotImplementedError(
            f"the scorer {self.name!r} declares {metric!r} as a metric of all rows together; "
            f"then it must define total()"
        )


def share(key: str, title: str, description: str = "", **more: Any) -> MetricInfo:
    """A metric that is 0 or 1 for a row."""
    return MetricInfo(
        key=key,
        title=title,
        description=description,
        kind="share",
        percent=True,
        **({"better": "higher"} | more),
    )


def number(key: str, title: str, description: str = "", **more: Any) -> MetricInfo:
    """A metric that is a number for a row."""
    return MetricInfo(key=key, title=title, description=description, **more)
