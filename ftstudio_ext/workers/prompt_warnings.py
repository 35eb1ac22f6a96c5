"""A run says itself what the checks of its prompt find, whoever has started it, and from where."""

from __future__ import annotations

import random
from typing import Any

from ftstudio_ext.core.examples import encode_examples, placeholders_of
from ftstudio_ext.core.prompt_checks import Sample, text_checks
from ftstudio_ext.core.sampling import Part
from ftstudio_ext.core.token_checks import token_checks
from ftstudio_ext.schema.training import ResolvedTraining, TrainSpec

from .reporting import Reporter
from .training_data import read_rows

LOOKED_AT = 200
COUNTED_EXACTLY = ("rows_too_long", "empty_completions")
"""What the run says of all its rows, not of a sample."""


def warn_about_prompt(
    reporter: Reporter,
    resolved: ResolvedTraining,
    spec: TrainSpec,
    train: Part,
    tokenizer: Any,
    max_length: int,
) -> None:
    """Findings over a sample of the training rows, as warnings of the run."""
    prompt = resolved.prompt
    drawn = random.Random("ftstudio checks")
    numbers = sorted(drawn.sample(train.rows, min(LOOKED_AT, len(train))))
    part = Part(train.split, numbers)
    values = [row for some in read_rows(resolved, part, placeholders_of(prompt)) for row in some]
    sample = Sample(prompt, numbers, values)
    rows = encode_examples(tokenizer, prompt, values, max_length, spec.loss_on)
    for check in text_checks(sample) + token_checks(sample, tokenizer, rows, max_length):
        if check.level != "info" and check.code not in COUNTED_EXACTLY:
            reporter.warning(f"prompt_{check.code}", check.message, check.remedy or "")
