"""Verbs about prompts: rows rendered, shown as tokens, and checked before training."""

from __future__ import annotations

import json
import random
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ftstudio_ext.core import examples
from ftstudio_ext.core.chat_checks import refused
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.prompt_checks import Sample, text_checks
from ftstudio_ext.core.token_checks import token_checks
from ftstudio_ext.core.tokenization import TokenizedRow
from ftstudio_ext.schema.checks import Check
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.schema.prompts import PreviewRow, PromptContent

from . import tokenizers
from .data_rows import chosen, open_table, take

CHECKED_ROWS = 200
CHECKED_CHARACTERS = 4_000_000
"""Rows of a sample are read up to this much text, so that long ones do not take seconds."""
NO_LIMIT = 1 << 40
_CACHED_CHECKS = 64
_checks: OrderedDict[str, dict[str, Any]] = OrderedDict()
_lock = threading.Lock()


def render(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `render`: {dataset_dir, split_file, prompt, rows | n and seed, model?, max_length?,
    loss_on?, all_columns?} → {rows: [PreviewRow], total, checks}. The values of a row are those
    of the columns that the prompt asks for, unless all are wanted.

    With `model` (a BaseModelRecord) rows come as its tokens too. Where the prompt cannot be
    tokenized for this model, `checks` says why and the rows come as text alone.
    """
    table = open_table(params["dataset_dir"], params["split_file"])
    prompt = _prompt(params)
    examples.check_prompt(prompt, table.column_names)
    numbers = chosen(table, params)
    columns = examples.placeholders_of(prompt)
    values = take(table, numbers, table.column_names if params.get("all_columns") else columns)
    rows = [_text_row(prompt, *pair) for pair in zip(numbers, values, strict=True)]
    checks: list[Check] = []
    if params.get("model") and rows:
        loaded = tokenizers.of_model(BaseModelRecord.model_validate(params["model"]))
        try:
            with loaded.lock:
                _add_tokens(loaded, prompt, rows, values, params)
        except InvalidInput as error:
            checks.append(refused(prompt, error))
    return {
        "rows": [row.model_dump() for row in rows],
        "total": table.num_rows,
        "checks": [check.model_dump() for check in checks],
    }


def check_prompt(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `check_prompt`: {dataset_dir, split_file, prompt, rows?, model, max_length?,
    context_length?, loss_on?} → {checks, checked: {rows, total}}.

    Looks at a sample of the split, or of `rows`; the same question is answered from memory.
    """
    model = BaseModelRecord.model_validate(params["model"])
    loaded = tokenizers.of_model(model)
    key = json.dumps([params, loaded.key], sort_keys=True, default=str)
    with _lock:
        known = _checks.get(key)
    if known is None:
        known = _check(params, loaded)
        with _lock:
            _checks[key] = known
            while len(_checks) > _CACHED_CHECKS:
                _checks.popitem(last=False)
    return known


def _check(params: dict[str, Any], loaded: tokenizers.Loaded) -> dict[str, Any]:
    table = open_table(params["dataset_dir"], params["split_file"])
    prompt = _prompt(params)
    numbers, values = _sample(table, params.get("rows"), examples.placeholders_of(prompt))
    sample = Sample(prompt, numbers, values)
    checks = text_checks(sample)
    try:
        with loaded.lock:
            rows = _encode(loaded.tokenizer, prompt, values, params)
            limits = (params.get("max_length"), params.get("context_length"))
            checks += token_checks(sample, loaded.tokenizer, rows, *limits)
    except InvalidInput as error:
        checks.append(refused(prompt, error))
    weight = {"blocking": 0, "warning": 1, "info": 2}
    checks.sort(key=lambda check: weight[check.level])
    return {
        "checks": [check.model_dump() for check in checks],
        "checked": {"rows": len(numbers), "total": table.num_rows},
    }


def _sample(
    table: pa.Table, rows: Sequence[int] | None, columns: list[str]
) -> tuple[list[int], list[dict[str, Any]]]:
    """Rows spread over all, the same ones each time, up to a bound in number and in text."""
    among: Sequence[int] = range(table.num_rows) if rows is None else rows
    drawn = random.Random("ftstudio checks").sample(among, min(CHECKED_ROWS, len(among)))
    numbers: list[int] = []
    values: list[dict[str, Any]] = []
    characters = 0
    for number in drawn:
        try:
            row = take(table, [number], columns)[0]
        except InvalidInput:  # larger than any answer may be
            continue
        characters += sum(len(str(value)) for value in row.values())
        if characters > CHECKED_CHARACTERS and numbers:
            break
        numbers.append(number)
        values.append(row)
    order = sorted(range(len(numbers)), key=lambda place: numbers[place])
    return [numbers[place] for place in order], [values[place] for place in order]


def _prompt(params: dict[str, Any]) -> PromptContent:
    return PromptContent.model_validate(params["prompt"])


def _text_row(prompt: PromptContent, number: int, row: dict[str, Any]) -> PreviewRow:
    messages = examples.messages_of(prompt, row) if prompt.mode == "chat" else []
    return PreviewRow(
        row=number,
        values=row,
        prompt=examples.prompt_text(prompt, row),
        completion=examples.expected_completion(prompt, row),
        messages=messages,  # type: ignore[arg-type]  # pydantic makes them messages
    )


def _add_tokens(
    loaded: tokenizers.Loaded,
    prompt: PromptContent,
    rows: list[PreviewRow],
    values: list[dict[str, Any]],
    params: dict[str, Any],
) -> None:
    """Tokens as training reads them, and the prompt as the chat template writes it."""
    limit = _limit(params)
    encoded = _encode(loaded.tokenizer, prompt, values, params)
    for row, value, tokens in zip(rows, values, encoded, strict=True):
        row.tokens = loaded.reader.view(tokens, None if limit == NO_LIMIT else limit)
        if prompt.mode == "chat":
            row.prompt = examples.prompt_text(prompt, value, tokenizer=loaded.tokenizer)


def _encode(
    tokenizer: Any, prompt: PromptContent, values: list[dict[str, Any]], params: dict[str, Any]
) -> list[TokenizedRow]:
    return examples.encode_examples(
        tokenizer, prompt, values, _limit(params), params.get("loss_on") or "completion"
    )


def _limit(params: dict[str, Any]) -> int:
    """As in training, never beyond the model's context."""
    limits = [params.get("max_length"), params.get("context_length")]
    return min([NO_LIMIT, *(value for value in limits if value)])
