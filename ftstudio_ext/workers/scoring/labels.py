"""Classification: the expected answers are a few labels that repeat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ftstudio_ext.core.answers import MOST_LABELS, Look
from ftstudio_ext.schema.evaluation_results import ScoredRow
from ftstudio_ext.schema.evaluations import EvaluateSpec

from .base import Example, Judged, Scorer, number, share
from .matching import normalized

OTHER = "(no label)"


class Classification(Scorer):
    """Labels, their confusion, and the F1 that counts rare labels as much as frequent ones."""

    name = "classification"
    title = "Classification"
    description = "The label that the answer's first line is, or the only one that it mentions."
    metrics = (
        share("accuracy", "Accuracy", "Answers with the expected label."),
        number(
            "macro_f1",
            "Macro F1",
            "Mean of the F1 of each expected label.",
            percent=True,
            better="higher",
            corpus=True,
            per_row=False,
        ),
    )

    def __init__(self, spec: EvaluateSpec) -> None:
        super().__init__(spec)
        self.labels: dict[str, str] = {}

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return look.reason if look.kind == "label" else None

    def prepare(self, expected: Sequence[str]) -> None:
        for text in expected:
            self.labels.setdefault(normalized(text), text.strip())

    def score(self, example: Example) -> Judged:
        wanted = self.labels.get(normalized(example.expected), example.expected.strip())
        given = self.label_in(example.answer) or OTHER
        note = None if given != OTHER else "names no label, or several"
        right = float(given == wanted)
        # macro F1 is computed from the labels; the entry says that this row counts
        return Judged({"accuracy": right}, note, stats={"macro_f1": []}, labels=(wanted, given))

    def label_in(self, answer: str) -> str | None:
        """The label that an answer means; None for none and for several."""
        first = next((line for line in answer.splitlines() if line.strip()), "")
        plain = normalized(first)
        if plain in self.labels:
            return self.labels[plain]
        named = {key for key in self.labels if key and re.search(rf"\b{re.escape(key)}\b", plain)}
        # "not relevant" also mentions "relevant": the longer one is meant
        longest = {key for key in named if not any(key != o and key in o for o in named)}
        return self.labels[longest.pop()] if len(longest) == 1 else None

    def matrix(self, metric: str, rows: Sequence[ScoredRow]) -> Any:
        """Per label: hits, times answered, times expected."""
        import numpy

        places = {label: place for place, label in enumerate(expected_labels(rows))}
        found = numpy.zeros((len(rows), len(places), 3))
        for row, counts in zip(rows, found, strict=True):
            wanted, given = row.labels or (OTHER, OTHER)
            counts[places[wanted], 2] = 1
            if given in places:
                counts[places[given], 1] = 1
            if given == wanted:
                counts[places[wanted], 0] = 1
        return found.reshape(len(rows), -1)

    def total(self, metric: str, sums: Any) -> Any:
        """Mean F1 of the labels that are expected; a resample may lack some."""
        import numpy

        counts = numpy.asarray(sums).reshape(*numpy.shape(sums)[:-1], -1, 3)
        hits, answered, expected = counts[..., 0], counts[..., 1], counts[..., 2]
        f1 = 2 * hits / numpy.maximum(answered + expected, 1)
        there = expected > 0
        return (f1 * there).sum(-1) / numpy.maximum(there.sum(-1), 1)


def expected_labels(rows: Sequence[ScoredRow]) -> list[str]:
    """Every expected label, in alphabetical order."""
    return sorted({row.labels[0] for row in rows if row.labels})


def confusion(rows: Sequence[ScoredRow]) -> tuple[list[str], list[list[int]]] | None:
    """(labels, counts[expected][given]); None without labels, and for more than can be shown."""
    labelled = [row.labels for row in rows if row.labels]
    labels = sorted({wanted for wanted, _ in labelled})
    if not labels or len(labels) > MOST_LABELS:
        return None
    if any(given == OTHER for _, given in labelled):
        labels.append(OTHER)
    places = {label: place for place, label in enumerate(labels)}
    counts = [[0] * len(labels) for _ in labels]
    for wanted, given in labelled:
        counts[places[wanted]][places[given]] += 1
    return labels, counts
