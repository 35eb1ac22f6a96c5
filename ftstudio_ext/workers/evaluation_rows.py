"""Which rows an evaluation asks, and the refusal of rows that trained an adapter."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, cast

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.examples import (
    expected_completion,
    placeholders_of,
    prompt_text,
    without_examples,
)
from ftstudio_ext.core.sampling import Part, Parts, parts
from ftstudio_ext.core.unseen import trained_on, training_parts
from ftstudio_ext.core.values import json_safe
from ftstudio_ext.schema.adapters import Adapter
from ftstudio_ext.schema.evaluation_results import AskedRow
from ftstudio_ext.schema.evaluations import EvaluateSpec, ResolvedEvaluation
from ftstudio_ext.schema.training import DataSettings

from .training_data import read_rows

LONGEST_CATEGORY = 80


@dataclass(frozen=True)
class Question:
    """A row as it is asked. `values` has the columns that the prompt and the scorers need, and
    those that are carried along."""

    split: str
    row: int
    prompt: str
    expected: str
    values: dict[str, Any]
    category: str | None = None

    @property
    def place(self) -> tuple[str, int]:
        return self.split, self.row


def choose(resolved: ResolvedEvaluation, spec: EvaluateSpec) -> list[Part]:
    """The rows to ask, drawn from the seed: the same in every attempt."""
    return [_drawn(_unseen(part, resolved), spec) for part in _sources(resolved, spec)]


def refuse_training_rows(
    resolved: ResolvedEvaluation, spec: EvaluateSpec, chosen: list[Part]
) -> list[str]:
    """Raise InvalidInput when an adapter knows some of the rows. Returns warnings instead, where
    the specification allows it or nothing is recorded."""
    warnings = []
    for adapter in resolved.all_adapters():
        if not _same_dataset(adapter, resolved):
            continue
        record = training_record(adapter, resolved)
        if record is None:
            warnings.append(
                f"The adapter {adapter.name!r} was trained on this dataset, but its manifest does "
                "not tell on which rows."
            )
            continue
        if known := _known_rows(record, chosen):
            message = (
                f"The adapter {adapter.name!r} was trained on, or chosen by, {known} of the "
                f"{sum(map(len, chosen))} rows to judge it on."
            )
            if not spec.allow_training_rows:
                raise InvalidInput(
                    message,
                    field="splits",
                    remedy="Choose a test split, or leave `splits` out to use the rows that "
                    "training set aside; `allow_training_rows` judges on them all the same.",
                    code="training_rows",
                )
            warnings.append(message)
    return warnings


def questions(resolved: ResolvedEvaluation, spec: EvaluateSpec, part: Part) -> list[Question]:
    """The part's rows, rendered."""
    prompt = resolved.prompt
    rows = [
        row
        for some in read_rows(cast(Any, resolved), part, columns(resolved, spec))
        for row in some
    ]
    return [
        Question(
            split=str(part.split),
            row=number,
            prompt=prompt_text(prompt, row),
            expected=expected_completion(prompt, row),
            values=row,
            category=_category(row, spec.category_column),
        )
        for number, row in zip(part.rows, rows, strict=True)
    ]


def columns(resolved: ResolvedEvaluation, spec: EvaluateSpec) -> list[str]:
    """What is read of each row; everything where somebody else's scorers may want it."""
    if resolved.scorer_files:
        return [column.name for column in resolved.dataset.columns]
    named = [*placeholders_of(resolved.prompt), *spec.carry_columns]
    if spec.sql:
        named += [c for c in (spec.sql.schema_column, spec.sql.rows_column) if c]
    if spec.category_column:
        named.append(spec.category_column)
    return list(dict.fromkeys(named))


def asked_row(question: Question, spec: EvaluateSpec, prompt_tokens: int) -> AskedRow:
    """The question as the result keeps it."""
    return AskedRow(
        split=question.split,
        row=question.row,
        prompt=question.prompt,
        expected=question.expected,
        prompt_tokens=prompt_tokens,
        category=question.category,
        values={name: json_safe(question.values.get(name)) for name in spec.carry_columns},
    )


def _category(row: dict[str, Any], column: str | None) -> str | None:
    if column is None:
        return None
    value = row.get(column)
    return "(empty)" if value in (None, "") else str(value)[:LONGEST_CATEGORY]


def shots(resolved: ResolvedEvaluation, spec: EvaluateSpec, asked: list[Part]) -> list[Question]:
    """Solved examples for the base model, as many as the longest few-shot prompt needs: rows to
    train on, never rows that are asked."""
    count = max(spec.base_shots, default=0)
    if count == 0:
        return []
    part = _unseen(_parts(resolved, spec).train, resolved)
    taken = {(p.split, row) for p in asked for row in p.rows}
    free = [row for row in part.rows if (part.split, row) not in taken]
    if len(free) < count:
        raise InvalidInput(
            f"Only {len(free)} training rows are left for {count} solved examples.",
            field="base_shots",
            remedy="Ask for fewer examples or fewer rows.",
        )
    drawn = random.Random(f"ftstudio shots {spec.seed}").sample(free, count)
    return questions(resolved, spec, Part(part.split, drawn))


def training_record(adapter: Adapter, resolved: ResolvedEvaluation) -> Parts | None:
    """The rows that trained and chose the adapter; None when its manifest does not tell."""
    return training_parts(adapter.manifest, resolved.dataset)


def _sources(resolved: ResolvedEvaluation, spec: EvaluateSpec) -> list[Part]:
    sizes = {split.name: split.rows for split in resolved.dataset.splits}
    if spec.splits is None:
        test = _parts(resolved, spec).test
        if not test.rows:
            raise InvalidInput(
                "No test rows were set aside.", field="splits", remedy="Name the splits to use."
            )
        return [test]
    unknown = [name for name in spec.splits if name not in sizes]
    if unknown:
        raise InvalidInput(
            f"The dataset has no split {unknown[0]!r}.",
            field="splits",
            remedy=f"Choose among: {', '.join(sizes)}.",
        )
    return [Part(name, list(range(sizes[name]))) for name in spec.splits]


def _parts(resolved: ResolvedEvaluation, spec: EvaluateSpec) -> Parts:
    """As the first adapter that was trained on this dataset drew them."""
    for adapter in resolved.all_adapters():
        if _same_dataset(adapter, resolved) and (record := training_record(adapter, resolved)):
            return record
    sizes = {split.name: split.rows for split in resolved.dataset.splits}
    return parts(sizes, DataSettings(), spec.seed)


def _unseen(part: Part, resolved: ResolvedEvaluation) -> Part:
    """Without the rows that stand, solved, in the prompt."""
    return Part(part.split, without_examples(resolved.prompt, part.split, part.rows))


def _drawn(part: Part, spec: EvaluateSpec) -> Part:
    wanted = spec.rows if spec.fraction is None else max(1, round(spec.fraction * len(part)))
    if len(part) <= wanted:
        return part
    rng = random.Random(f"ftstudio evaluation {spec.seed} {part.split}")
    return Part(part.split, sorted(rng.sample(part.rows, wanted)))


def _same_dataset(adapter: Adapter, resolved: ResolvedEvaluation) -> bool:
    return trained_on(adapter.manifest, resolved.dataset)


def _known_rows(record: Parts, chosen: list[Part]) -> int:
    known = {(part.split, row) for part in (record.train, record.validation) for row in part.rows}
    return sum((part.split, row) in known for part in chosen for row in part.rows)
