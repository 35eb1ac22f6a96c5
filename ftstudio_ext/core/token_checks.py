"""Checks of sampled rows as tokens: what training would really read and learn.

Most of the traps here cannot happen in the way we tokenize; they are looked for all the same, and
those that lie in the data or in the tokenizer are found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ftstudio_ext.schema.checks import Check, Fix

from .chat_checks import chat_checks
from .examples import expected_completion, prompt_text
from .prompt_checks import Sample
from .tokenization import IGNORED, TokenizedRow, prompt_ids

TOO_MANY_LEFT_OUT = 0.01
LENGTH_STEP = 64
SEAM_ROWS = 50


def token_checks(
    sample: Sample,
    tokenizer: Any,
    rows: Sequence[TokenizedRow],
    max_length: int | None,
    context_length: int | None = None,
) -> list[Check]:
    """What the rows' tokens tell. `max_length` is the run's limit as people have set it."""
    if not rows:
        return []
    found = [
        _too_long(sample, rows, max_length, context_length),
        _nothing_learned(sample, rows),
        _end_not_learned(sample, rows),
        _end_inside(sample, rows),
        _unknown(sample, tokenizer, rows),
        _doubled_begin(sample, tokenizer, rows),
        _seam(sample, tokenizer),
        _pad(tokenizer),
        *chat_checks(sample.prompt, tokenizer),
    ]
    return [check for check in found if check is not None]


def _too_long(
    sample: Sample,
    rows: Sequence[TokenizedRow],
    max_length: int | None,
    context_length: int | None,
) -> Check | None:
    """Rows over the limit; the limit proposed takes in at least 99 % of them."""
    places = [place for place, row in enumerate(rows) if row.too_long]
    if not places:
        return None
    effective = min(limit for limit in (max_length, context_length) if limit is not None)
    lengths = sorted(len(row) for row in rows)
    proposed = proposed_length(lengths, context_length)
    share = len(places) / len(rows)
    fits = proposed > effective
    return Check(
        level="blocking" if share == 1 else "warning" if share > TOO_MANY_LEFT_OUT else "info",
        code="rows_too_long",
        message=f"{sample.share(places)} are longer than {effective:,} tokens (the longest has "
        f"{lengths[-1]:,}): training leaves them out.",
        field="max_length",
        remedy=f"Set the max sequence length to {proposed:,}."
        if fits
        else f"The model reads at most {effective:,} tokens: shorten the prompt, or leave long "
        "columns out.",
        fix=Fix(
            kind="set_field",
            field="max_length",
            value=proposed,
            label=f"Set max length to {proposed:,}",
        )
        if fits
        else None,
        rows=sample.shown(places),
    )


def proposed_length(lengths: Sequence[int], context_length: int | None) -> int:
    """A limit for rows of these lengths, in ascending order: for the longest, with a margin, as
    the sample may have missed it; where single rows stand far out, for 99 % of them."""
    longest = lengths[-1]
    usual = lengths[min(len(lengths) - 1, math.ceil(0.99 * len(lengths)) - 1)]
    wanted = longest if longest <= 2 * usual else usual
    rounded = math.ceil(1.05 * wanted / LENGTH_STEP) * LENGTH_STEP
    return min(rounded, context_length) if context_length else rounded


def _nothing_learned(sample: Sample, rows: Sequence[TokenizedRow]) -> Check | None:
    """Rows without an answer."""
    places = [place for place, row in enumerate(rows) if row.completion_tokens <= 1]
    if not places:
        return None
    return Check(
        level="blocking" if len(places) == len(rows) else "warning",
        code="empty_completions",
        message=f"{sample.share(places)} have an empty completion: they teach the model to "
        "answer nothing.",
        field="completion_template",
        remedy="Choose the column that holds the answer, or drop the rows without one.",
        rows=sample.shown(places),
    )


def _end_not_learned(sample: Sample, rows: Sequence[TokenizedRow]) -> Check | None:
    """The last token of each row must be learned, or the model never stops."""
    places = [place for place, row in enumerate(rows) if row.labels[-1] == IGNORED]
    if not places:
        return None
    return Check(
        level="blocking",
        code="end_not_learned",
        message=f"In {sample.share(places)} the end of the answer is not learned: the model "
        "would not stop.",
        field="prompt",
        remedy="Choose a base model whose tokenizer has an end-of-sequence token.",
        rows=sample.shown(places),
    )


def _end_inside(sample: Sample, rows: Sequence[TokenizedRow]) -> Check | None:
    """The end-of-answer token written inside an answer, by the data or the template."""
    places = [
        place
        for place, row in enumerate(rows)
        if row.input_ids[-1] in row.input_ids[row.prompt_tokens : -1]
    ]
    if not places:
        return None
    return Check(
        level="warning",
        code="end_inside",
        message=f"In {sample.share(places)} the token that ends an answer stands inside the "
        "answer: the model learns to stop there.",
        field="completion_template",
        remedy="Take the end-of-sequence text out of the template or the column; it is added by "
        "itself.",
        rows=sample.shown(places),
    )


def _unknown(sample: Sample, tokenizer: Any, rows: Sequence[TokenizedRow]) -> Check | None:
    """Text that the tokenizer cannot write down."""
    unknown = getattr(tokenizer, "unk_token_id", None)
    if unknown is None or unknown == tokenizer.eos_token_id:
        return None
    places = [
        place for place, row in enumerate(rows) if unknown in row.input_ids[row.prompt_tokens :]
    ]
    if not places:
        return None
    return Check(
        level="warning",
        code="unknown_tokens",
        message=f"In {sample.share(places)} the answer has characters that the tokenizer does not "
        f"know: they are learned as “{tokenizer.unk_token}”.",
        field="completion_template",
        remedy="Choose a base model that was made for this language, or clean the column.",
        rows=sample.shown(places),
    )


def _doubled_begin(sample: Sample, tokenizer: Any, rows: Sequence[TokenizedRow]) -> Check | None:
    """The beginning of sequence, written into the text although it is put in front by itself."""
    begin = getattr(tokenizer, "bos_token_id", None)
    if begin is None or begin == tokenizer.eos_token_id:
        return None
    chat = sample.prompt.mode == "chat"  # there the token may begin each turn
    places = [
        place
        for place, row in enumerate(rows)
        if (row.input_ids[:2] == [begin, begin] if chat else begin in row.input_ids[1:])
    ]
    text = str(tokenizer.bos_token)
    written = not chat and sample.prompt.prompt_template.startswith(text)
    if not places and not written:
        return None
    return Check(
        level="warning" if places else "info",
        code="doubled_begin",
        message=f"The text itself holds the beginning-of-sequence token “{text}”"
        + (f", in {sample.share(places)}." if places else "; one is kept."),
        field="prompt_template" if written else "prompt",
        remedy="Take it out: it is put in front by itself.",
        fix=Fix(
            kind="set_prompt_field",
            field="prompt_template",
            value=sample.prompt.prompt_template.removeprefix(text),
            label=f"Remove {text}",
        )
        if written
        else None,
        rows=sample.shown(places),
    )


def _seam(sample: Sample, tokenizer: Any) -> Check | None:
    """Prompt and answer that would become one token if they were tokenized together."""
    if sample.prompt.mode == "chat":
        return None
    values = sample.values[:SEAM_ROWS]
    asked = [prompt_text(sample.prompt, row) for row in values]
    whole = [
        text + expected_completion(sample.prompt, row)
        for text, row in zip(asked, values, strict=True)
    ]
    apart, together = prompt_ids(tokenizer, asked), prompt_ids(tokenizer, whole)
    places = [
        place
        for place, (ids, joined) in enumerate(zip(apart, together, strict=True))
        if joined[: len(ids)] != ids
    ]
    if not places:
        return None
    return Check(
        level="info",
        code="fused_seam",
        message=f"In {len(places)} of {len(values)} rows the end of the prompt and the beginning "
        "of the answer would fuse into one token. Here they are kept apart, in training as at "
        "use.",
        field="prompt_template",
        remedy="Nothing needs to be done. Where other programs use the adapter, a prompt that "
        "ends with a line break is safer.",
        rows=sample.shown(places),
    )


def _pad(tokenizer: Any) -> Check | None:
    """Padding is masked and never learned, whichever token it is."""
    if tokenizer.pad_token_id is None:
        what = "The tokenizer has no pad token; another of its tokens is used."
    elif tokenizer.pad_token_id == tokenizer.eos_token_id:
        what = "The tokenizer pads with its end-of-sequence token."
    else:
        return None
    return Check(
        level="info",
        code="pad_token",
        message=f"{what} Padding is never learned, and the end of each answer always is.",
        field="base_model",
        remedy="Nothing needs to be done.",
    )
