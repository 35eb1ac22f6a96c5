"""What one should keep in mind when reading an evaluation's numbers."""

from __future__ import annotations

from ftstudio_ext.schema.evaluations import EvaluateSpec

from .evaluation_metrics import Summary

MANY_CUT = 0.1
FEW_ROWS = 30


def notes(summary: Summary, spec: EvaluateSpec) -> list[str]:
    """Sentences, the most important first."""
    return [*_cut_off(summary), *_not_judged(summary), *_few(summary), *_unfair(summary, spec)]


def _cut_off(summary: Summary) -> list[str]:
    """Systems that often run into the length limit."""
    found = []
    for system in summary.systems:
        rows = summary.of(system.key)
        cut = sum(not row.stopped for row in rows)
        if cut > MANY_CUT * len(rows):
            found.append(
                f"“{system.label}” was cut off at the length limit in {cut} of {len(rows)} rows"
                + (
                    "."
                    if system.adapter
                    else ": it may know more than its format shows. Solved examples in its "
                    "prompt tell."
                )
            )
    return found


def _not_judged(summary: Summary) -> list[str]:
    """Metrics that leave rows out."""
    found = []
    rows = summary.of(summary.systems[0].key)
    for info in summary.bench.metrics:
        without = sum(info.key in row.scores and row.scores[info.key] is None for row in rows)
        if without and info.per_row:
            found.append(f"{without} of {len(rows)} rows cannot be judged by “{info.title}”.")
    return found


def _few(summary: Summary) -> list[str]:
    rows = len(summary.places)
    return [f"{rows} rows can show large differences only."] if rows < FEW_ROWS else []


def _unfair(summary: Summary, spec: EvaluateSpec) -> list[str]:
    adapters = any(system.adapter for system in summary.systems)
    if adapters and not any(system.shots for system in summary.systems) and spec.base_shots:
        return [
            "The base model saw no solved examples: some of the difference may be format alone."
        ]
    return []
