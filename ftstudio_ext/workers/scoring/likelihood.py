"""How likely the model holds the expected answer, whatever it writes itself."""

from __future__ import annotations

import math
from typing import Any

from .base import Example, Judged, Scorer, number


class Likelihood(Scorer):
    """One more pass over each row; the most sensitive measure on few rows."""

    name = "likelihood"
    title = "Likelihood of the expected answer"
    description = "How well the model foresees the expected answer, token by token."
    metrics = (
        number(
            "perplexity",
            "Perplexity",
            "Of the expected answers' tokens, end of sequence included; 1 is certainty.",
            better="lower",
            corpus=True,
        ),
        number(
            "expected_logprob",
            "Log-probability",
            "Of the whole expected answer, in nats.",
            unit="nats",
            better="higher",
        ),
    )
    needs_likelihood = True

    def score(self, example: Example) -> Judged:
        total, count = example.expected_logprob, example.expected_tokens
        if total is None or count == 0:
            return Judged({"perplexity": None, "expected_logprob": None})
        return Judged(
            {"perplexity": math.exp(min(-total / count, 700)), "expected_logprob": total},
            stats={"perplexity": [total, count]},
        )

    def total(self, metric: str, sums: Any) -> Any:
        import numpy

        sums = numpy.asarray(sums)
        return numpy.exp(numpy.minimum(-sums[..., 0] / numpy.maximum(sums[..., 1], 1), 700))
