"""What the plots of an evaluation show, over all splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from ftstudio_ext.schema.evaluation_results import (
    Confusion,
    Distribution,
    GroupScore,
    Plots,
    ScoredRow,
)
from ftstudio_ext.schema.scorers import MetricInfo

from .evaluation_metrics import Summary
from .evaluation_rows import Question
from .scoring.labels import confusion

BINS = 20
LENGTH_GROUPS = 4
MOST_CATEGORIES = 20
OTHERS = "(others)"


def plots(summary: Summary, asked: Sequence[Question], expected_tokens: Sequence[int]) -> Plots:
    """`expected_tokens`: the length of each question's expected answer."""
    lengths = length_groups(expected_tokens)
    categories = category_groups([question.category for question in asked])
    found = Plots()
    for system in summary.systems:
        rows = [summary.rows[system.key][question.place] for question in asked]
        for info in summary.bench.metrics:
            if info.per_row and info.kind == "number":
                found.distributions.append(_distribution(info, system.key, summary, rows))
            found.groups += _groups(summary, "length", lengths, info, system.key, rows)
            found.groups += _groups(summary, "category", categories, info, system.key, rows)
        if labelled := confusion(rows):
            found.confusions.append(
                Confusion(system=system.key, labels=labelled[0], counts=labelled[1])
            )
    return found


def length_groups(tokens: Sequence[int]) -> list[str]:
    """Each row's group: quarters of the expected answers by their length, named by it."""
    ordered = sorted(tokens)
    bounds = sorted({ordered[len(ordered) * part // LENGTH_GROUPS] for part in range(4)})
    starts = [bound for bound in bounds if bound > ordered[0]]
    edges = [ordered[0], *starts, ordered[-1] + 1]
    names = [
        f"{low} tokens" if high - low == 1 else f"{low}–{high - 1} tokens"
        for low, high in pairwise(edges)
    ]
    return [names[sum(count >= start for start in starts)] for count in tokens]


def category_groups(categories: Sequence[str | None]) -> list[str]:
    """Each row's group: its category, the rare ones together; none without a category column."""
    known = Counter(category for category in categories if category is not None)
    frequent = {name for name, _ in known.most_common(MOST_CATEGORIES)}
    return [
        "" if category is None else category if category in frequent else OTHERS
        for category in categories
    ]


def _groups(
    summary: Summary,
    by: str,
    names: Sequence[str],
    info: MetricInfo,
    system: str,
    rows: Sequence[ScoredRow],
) -> list[GroupScore]:
    if by == "length":
        order = sorted(set(names), key=lambda name: int(name.split("–")[0].split(" ")[0]))
    else:
        order = [name for name, _ in Counter(names).most_common() if name]
    return [
        GroupScore(
            by=by,  # type: ignore[arg-type]
            group=group,
            order=place,
            system=system,
            metric=info.key,
            estimate=summary.estimate(
                info, [row for row, name in zip(rows, names, strict=True) if name == group]
            ),
        )
        for place, group in enumerate(order)
    ]


def _distribution(
    info: MetricInfo, system: str, summary: Summary, rows: Sequence[ScoredRow]
) -> Distribution:
    """A histogram with the same edges for all systems."""
    import numpy

    everything = [
        value
        for mine in summary.rows.values()
        for row in mine.values()
        if (value := row.scores.get(info.key)) is not None
    ]
    edges = numpy.histogram_bin_edges(everything or [0.0], bins=BINS)
    mine = [value for row in rows if (value := row.scores.get(info.key)) is not None]
    counts, _ = numpy.histogram(mine, bins=edges)
    return Distribution(
        metric=info.key, system=system, edges=edges.tolist(), counts=counts.tolist()
    )
