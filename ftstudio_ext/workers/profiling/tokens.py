"""How many tokens rows have for a base model and a prompt, exactly as training would read them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ftstudio_ext.core.examples import encode_examples, placeholders_of
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.schema.profiles import LimitShare, TokenLengths
from ftstudio_ext.schema.prompts import Prompt

from .lengths import Lengths
from .reading import Source

ROWS_COUNTED = 20_000
ROWS_AT_ONCE = 500
NO_LIMIT = 1 << 40
LIMITS = tuple(1 << power for power in range(7, 18))
MOST_ROWS = 0.99
"""A proposed limit fits at least this share of the rows, and all where that costs little more."""
STEP = 32
UNKNOWN_CONTEXT = 1 << 20

Array = np.ndarray[Any, Any]


def count_tokens(
    source: Source,
    places: Array,
    tokenizer: Any,
    prompt: Prompt,
    progress: Callable[[int], None],
) -> Array:
    """The tokens of each of these rows; `progress(rows)` is called now and then."""
    columns = placeholders_of(prompt)
    counted = np.empty(len(places), np.int64)
    for start in range(0, len(places), ROWS_AT_ONCE):
        chosen = places[start : start + ROWS_AT_ONCE]
        rows: list[dict[str, Any]] = [{} for _ in chosen]
        if columns:
            rows = source.take(chosen, columns).to_pylist()
        made = encode_examples(tokenizer, prompt, rows, NO_LIMIT)
        counted[start : start + len(chosen)] = [len(row) for row in made]
        progress(start + len(chosen))
    return counted


def sampled(rows: int, at_most: int, seed: int = 0) -> Array:
    """All rows, or `at_most` of them drawn at random, in order."""
    if rows <= at_most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, at_most, replace=False))


def summary(
    counted: Array,
    source: Source,
    model: BaseModelRecord,
    prompt: Prompt,
    max_length: int | None,
) -> TokenLengths:
    """The histogram, and what each limit would leave out."""
    lengths = Lengths()
    lengths.add(counted)
    spread = lengths.quantiles()
    assert spread is not None
    context = model.facts.context_length
    limits = {limit for limit in LIMITS if limit <= (context or UNKNOWN_CONTEXT)}
    limits = {limit for limit in limits if limit < 2 * spread.max} or {min(LIMITS)}
    limits |= {limit for limit in (context, max_length) if limit}
    return TokenLengths(
        model=model.name,
        model_id=model.id,
        prompt=prompt.name,
        prompt_id=prompt.id,
        rows=len(counted),
        is_sample=len(counted) < source.rows,
        tokens=spread,
        histogram=lengths.histogram(),
        limits=[_share(counted, limit) for limit in sorted(limits)],
        context_length=context,
        max_length=max_length,
        proposed_max_length=_proposed(counted, context),
    )


def _share(counted: Array, limit: int) -> LimitShare:
    too_long = int((counted > limit).sum())
    return LimitShare(max_length=limit, too_long=too_long, share=too_long / len(counted))


def _proposed(counted: Array, context: int | None) -> int:
    """Enough for all rows, or for 99 % where the longest ones would make it much larger."""
    most = int(np.quantile(counted, MOST_ROWS, method="higher"))
    longest = int(counted.max())
    wanted = longest if longest <= 1.5 * most else most
    return min(context or UNKNOWN_CONTEXT, STEP * math.ceil(max(wanted, 1) / STEP))
