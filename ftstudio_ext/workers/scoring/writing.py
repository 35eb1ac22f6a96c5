"""How the answers were written: whether they ended by themselves, and how fast."""

from __future__ import annotations

from typing import Any

from ftstudio_ext.core.answers import Look
from ftstudio_ext.schema.evaluations import EvaluateSpec

from .base import Example, Judged, Scorer, number, share


class Stops(Scorer):
    """Answers that end by themselves."""

    name = "stops"
    title = "Stops by itself"
    description = "Ended before the length limit; the others were cut off and may be right so far."
    metrics = (share("stopped", "Stops itself", description),)

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return "shows who is cut off at the length limit"

    def score(self, example: Example) -> dict[str, float | None]:
        return {"stopped": float(example.stopped)}


class Speed(Scorer):
    """Time, in the batches of this evaluation."""

    name = "speed"
    title = "Speed"
    description = "Time of a row's share of its batch; compare it within one evaluation only."
    metrics = (
        number(
            "latency_s", "Seconds per answer", description, unit="s", better="lower", tested=False
        ),
        number(
            "tokens_per_s",
            "Tokens per second",
            "Written tokens / seconds, over all rows.",
            unit="tokens/s",
            better="higher",
            corpus=True,
            tested=False,
        ),
    )

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return "costs nothing"

    def score(self, example: Example) -> Judged:
        speed = example.new_tokens / example.seconds if example.seconds else None
        return Judged(
            {"latency_s": example.seconds, "tokens_per_s": speed},
            stats={"tokens_per_s": [example.new_tokens, example.seconds]},
        )

    def total(self, metric: str, sums: Any) -> Any:
        import numpy

        sums = numpy.asarray(sums)
        return sums[..., 0] / numpy.maximum(sums[..., 1], 1e-9)
