"""ROUGE, BLEU and chrF, by their reference implementations; all of them work offline."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from ftstudio_ext.core.answers import Look
from ftstudio_ext.schema.evaluations import EvaluateSpec

from .base import Example, Judged, Scorer, number

_ROUGE_TYPES = {"rouge1": "rouge1", "rougeL": "rougeL", "rougeLsum": "rougeLsum"}


class _TextOverlap(Scorer):
    """Of use where answers are running text."""

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return look.reason if look.kind == "text" else None


class Rouge(_TextOverlap):
    """Lin 2004; the package rouge-score, with Porter's stemmer."""

    name = "rouge"
    title = "ROUGE"
    description = "Shared words (1) and longest common subsequence (L; Lsum: line by line), as F1."
    metrics = (
        number("rouge1", "ROUGE-1", "Shared words, as F1.", percent=True, better="higher"),
        number("rougeL", "ROUGE-L", "Longest common subsequence.", percent=True, better="higher"),
        number("rougeLsum", "ROUGE-Lsum", "The same, line by line.", percent=True, better="higher"),
    )
    requires = ("rouge_score",)

    @cached_property
    def _scorer(self) -> Any:
        from rouge_score.rouge_scorer import RougeScorer

        return RougeScorer(list(_ROUGE_TYPES), use_stemmer=True)

    def score(self, example: Example) -> dict[str, float | None]:
        found = self._scorer.score(example.expected, example.answer)
        return {key: found[name].fmeasure for key, name in _ROUGE_TYPES.items()}


class Bleu(_TextOverlap):
    """Papineni et al. 2002, as sacreBLEU computes it (Post 2018): 0 to 100."""

    name = "bleu"
    title = "BLEU"
    description = "Of all rows together, as papers report it; a row's own value is smoothed."
    metrics = (number("bleu", "BLEU", description, better="higher", corpus=True),)
    requires = ("sacrebleu",)

    @cached_property
    def _metric(self) -> Any:
        from sacrebleu.metrics import BLEU

        return BLEU(effective_order=True, force=True)

    def score(self, example: Example) -> Judged:
        found = self._metric.sentence_score(example.answer, [example.expected])
        stats = [found.sys_len, found.ref_len, *found.counts, *found.totals]
        return Judged({"bleu": found.score}, stats={"bleu": [float(x) for x in stats]})

    def total(self, metric: str, sums: Any) -> Any:
        """Corpus BLEU with exponential smoothing, sacreBLEU's default."""
        import numpy

        sums = numpy.asarray(sums, dtype=float)
        answered, expected = sums[..., 0], sums[..., 1]
        hits, grams = sums[..., 2:6], sums[..., 6:10]
        # each order without a hit halves once more: exactly 2 ** -(number of such orders so far)
        halvings = numpy.cumsum((hits == 0) & (grams > 0), axis=-1)
        smoothed = numpy.where(hits > 0, hits, numpy.exp2(-halvings))
        precision = smoothed / numpy.maximum(grams, 1)
        logs = numpy.log(numpy.where(grams > 0, precision, 1e-300)).mean(-1)
        ratio = expected / numpy.maximum(answered, 1e-9)
        brevity = numpy.where(answered < expected, numpy.exp(1 - ratio), 1.0)
        return numpy.where(hits.any(-1), 100 * brevity * numpy.exp(logs), 0.0)


class Chrf(_TextOverlap):
    """Popović 2015, as sacreBLEU computes it: 0 to 100."""

    name = "chrf"
    title = "chrF"
    description = "Shared runs of up to six characters; kinder to word forms than BLEU."
    metrics = (number("chrf", "chrF", description, better="higher", corpus=True),)
    requires = ("sacrebleu",)

    @cached_property
    def _metric(self) -> Any:
        from sacrebleu.metrics import CHRF

        return CHRF()

    def score(self, example: Example) -> Judged:
        # corpus chrF sums these counts; sacreBLEU has no public name for them
        stats = self._metric._extract_corpus_statistics([example.answer], [[example.expected]])[0]
        value = float(self.total("chrf", stats))
        return Judged({"chrf": value}, stats={"chrf": [float(x) for x in stats]})

    def total(self, metric: str, sums: Any) -> Any:
        import numpy

        sums = numpy.asarray(sums, dtype=float)
        counts = sums.reshape(*sums.shape[:-1], -1, 3)
        answered, expected, hits = counts[..., 0], counts[..., 1], counts[..., 2]
        there = (answered > 0) & (expected > 0)
        orders = numpy.maximum(there.sum(-1), 1)
        precision = (there * hits / numpy.maximum(answered, 1)).sum(-1) / orders
        recall = (there * hits / numpy.maximum(expected, 1)).sum(-1) / orders
        weight = self._metric.beta**2
        bottom = weight * precision + recall
        score = (1 + weight) * precision * recall / numpy.where(bottom > 0, bottom, 1)
        return 100 * score
