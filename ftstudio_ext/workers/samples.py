"""Answers that the model writes on a few fixed validation rows at each evaluation, so that people
see what it has learned, beside what the numbers say."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transformers import TrainerCallback

from ftstudio_ext.core.examples import (
    encode_prompts,
    expected_completion,
    placeholders_of,
    prompt_text,
)
from ftstudio_ext.core.sampling import Part
from ftstudio_ext.schema.prompts import PromptTask
from ftstudio_ext.schema.training import ResolvedTraining, TrainSpec

from .reporting import Reporter
from .sample_scores import SampleScores
from .training_data import read_rows

LONGEST_ANSWER = 64
"""Tokens; a look at the answer, not an evaluation."""


@dataclass(frozen=True)
class SampleRow:
    """A row to answer: its texts, and the tokens that the model is given."""

    row: int
    prompt: str
    expected: str
    given: list[int]


def choose(
    resolved: ResolvedTraining, spec: TrainSpec, validation: Part, tokenizer: Any
) -> list[SampleRow]:
    """The same rows in every attempt of a job, and in every job with the same seed: first those
    to show, then those that are scored only."""
    shown = min(spec.evaluation.samples, len(validation))
    drawn = random.Random(f"ftstudio samples {spec.seed}")
    rows = sorted(drawn.sample(validation.rows, shown))
    taken = set(rows)
    others = [row for row in validation.rows if row not in taken]
    more = min(max(0, spec.evaluation.scored_rows - shown), len(others))
    rows += sorted(drawn.sample(others, more))
    part, prompt = Part(validation.split, rows), resolved.prompt
    values = [row for some in read_rows(resolved, part, placeholders_of(prompt)) for row in some]
    return [
        SampleRow(row, prompt_text(prompt, value, tokenizer=tokenizer), expected, given)
        for row, value, expected, given in zip(
            rows,
            values,
            [expected_completion(prompt, value) for value in values],
            encode_prompts(tokenizer, prompt, values),
            strict=True,
        )
    ]


class Samples(TrainerCallback):
    """After each evaluation: a `sample` event for each of the first `shown` rows, and the scores
    of the first `scored` ones. A failure never stops the run."""

    def __init__(
        self,
        reporter: Reporter,
        tokenizer: Any,
        rows: list[SampleRow],
        max_length: int,
        stops: list[int],
        spec: TrainSpec,
        report: Callable[[int, float | None, dict[str, float]], None],
        task: PromptTask = "auto",
    ) -> None:
        self.reporter = reporter
        self.report = report
        self.shown, self.scored = spec.evaluation.samples, spec.evaluation.scored_rows
        self.scores = (
            SampleScores(spec, [row.expected for row in rows[: self.scored]], task)
            if self.scored
            else None
        )
        self.tokenizer = tokenizer
        self.stops = stops
        self.rows = rows
        self.max_length = max_length

    def on_evaluate(
        self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any
    ) -> None:
        try:
            texts = [self._answer(model, sample) for sample in self.rows]
            for sample, text in list(zip(self.rows, texts, strict=True))[: self.shown]:
                self.reporter.emit(
                    kind="sample",
                    step=state.global_step,
                    row=sample.row,
                    prompt=sample.prompt,
                    expected=sample.expected,
                    text=text,
                )
            if self.scores:
                pairs = [(row.expected, text) for row, text in zip(self.rows, texts, strict=True)]
                values = self.scores.of(pairs[: self.scored])
                self.report(state.global_step, state.epoch, values)
        except Exception as error:
            traceback.print_exc()
            self.reporter.warning(
                "samples_failed",
                f"Sample answers could not be written: {error}",
                "Training goes on; the log has the details.",
                state.global_step,
            )

    def _answer(self, model: Any, sample: SampleRow) -> str:
        import torch
        from transformers import GenerationConfig

        ids = sample.given[-self.max_length :]
        expected = self.tokenizer(sample.expected, add_special_tokens=False)["input_ids"]
        greedy = GenerationConfig(
            do_sample=False,
            use_cache=True,
            max_new_tokens=min(len(expected) + 16, LONGEST_ANSWER),
            eos_token_id=_stop_ids(model, self.stops),
            pad_token_id=self.tokenizer.pad_token_id,
        )
        given = torch.tensor([ids], device=model.device)
        was_training = model.training
        model.eval()
        with torch.no_grad(), torch.autocast(given.device.type, dtype=model.dtype):
            written = model.generate(
                input_ids=given, attention_mask=torch.ones_like(given), generation_config=greedy
            )
        model.train(was_training)
        return str(self.tokenizer.decode(written[0][len(ids) :], skip_special_tokens=True))


def _stop_ids(model: Any, learned: list[int]) -> list[int]:
    """What training teaches to end with, and what the model itself names."""
    own = model.generation_config.eos_token_id
    listed = own if isinstance(own, list) else [own]
    return sorted({token for token in [*listed, *learned] if token is not None})
