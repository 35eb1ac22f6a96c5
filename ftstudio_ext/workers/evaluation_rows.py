"""Which rows an evaluation asks, and the refusal of rows that trained an adapter."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ftstudio_ext.core import templates
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.sampling import Part, parts
from ftstudio_ext.schema.adapters import Adapter
from ftstudio_ext.schema.evaluations import EvaluateSpec, ResolvedEvaluation
from ftstudio_ext.schema.training import DataSettings

from .training_data import read_rows

SPLIT_FILE = "split.json"
"""In an adapter's folder: the exact rows of its three parts."""


@dataclass(frozen=True)
class Question:
    """A row as it is asked. `values` has the columns that the templates and scorers need."""

    split: str
    row: int
    prompt: str
    expected: str
    values: dict[str, Any]


def choose(resolved: ResolvedEvaluation, spec: EvaluateSpec) -> list[Part]:
    """The rows to ask, drawn from the seed: the same in every attempt."""
    return [_drawn(part, spec) for part in _sources(resolved, spec)]


def refuse_training_rows(
    resolved: ResolvedEvaluation, spec: EvaluateSpec, chosen: list[Part]
) -> list[str]:
    """Raise InvalidInput when an adapter knows some of the rows. Returns warnings instead, where
    the specification allows it or nothing is recorded."""
    warnings = []
    for adapter in resolved.adapters:
        if not _same_dataset(adapter, resolved):
            continue
        record = training_record(adapter)
        if record is None:
            warnings.append(
                f"The adapter {adapter.name!r} was trained on this dataset, but its folder does "
                f"not say on which rows ({SPLIT_FILE} is missing)."
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
    prompt, completion = resolved.prompt.prompt_template, resolved.prompt.completion_template
    columns = [*templates.placeholders(prompt), *templates.placeholders(completion)]
    if spec.sql:
        columns += [c for c in (spec.sql.schema_column, spec.sql.rows_column) if c]
    wanted = list(dict.fromkeys(columns))
    rows = [row for some in read_rows(cast(Any, resolved), part, wanted) for row in some]
    return [
        Question(
            split=str(part.split),
            row=number,
            prompt=templates.render(prompt, row),
            expected=templates.render(completion, row),
            values=row,
        )
        for number, row in zip(part.rows, rows, strict=True)
    ]


def shots(resolved: ResolvedEvaluation, spec: EvaluateSpec, asked: list[Part]) -> list[Question]:
    """Solved examples for the base model, as many as the longest few-shot prompt needs: rows to
    train on, never rows that are asked."""
    count = max(spec.base_shots, default=0)
    if count == 0:
        return []
    recorded = [
        r for a in resolved.adapters if _same_dataset(a, resolved) if (r := training_record(a))
    ]
    part = _part(recorded[0]["train"]) if recorded else _parts(resolved, spec).train
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


def training_record(adapter: Adapter) -> dict[str, Any] | None:
    """The parts that the adapter's training drew, when its folder has them."""
    try:
        record = json.loads((Path(adapter.path) / SPLIT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and "train" in record else None


def _sources(resolved: ResolvedEvaluation, spec: EvaluateSpec) -> list[Part]:
    sizes = {split.name: split.rows for split in resolved.dataset.splits}
    if spec.splits is not None:
        unknown = [name for name in spec.splits if name not in sizes]
        if unknown:
            raise InvalidInput(
                f"The dataset has no split {unknown[0]!r}.",
                field="splits",
                remedy=f"Choose among: {', '.join(sizes)}.",
            )
        return [Part(name, list(range(sizes[name]))) for name in spec.splits]
    recorded = [
        r for a in resolved.adapters if _same_dataset(a, resolved) if (r := training_record(a))
    ]
    test = _part(recorded[0]["test"]) if recorded else _parts(resolved, spec).test
    if not test.rows:
        raise InvalidInput(
            "No test rows were set aside.",
            field="splits",
            remedy="Name the splits to use.",
        )
    return [test]


def _parts(resolved: ResolvedEvaluation, spec: EvaluateSpec) -> Any:
    sizes = {split.name: split.rows for split in resolved.dataset.splits}
    return parts(sizes, DataSettings(), spec.seed)


def _part(record: dict[str, Any]) -> Part:
    return Part(record.get("split"), list(record.get("rows") or []))


def _drawn(part: Part, spec: EvaluateSpec) -> Part:
    if len(part) <= spec.rows:
        return part
    rng = random.Random(f"ftstudio evaluation {spec.seed} {part.split}")
    return Part(part.split, sorted(rng.sample(part.rows, spec.rows)))


def _same_dataset(adapter: Adapter, resolved: ResolvedEvaluation) -> bool:
    trained_on = adapter.manifest.dataset
    if trained_on.get("content_hash"):
        return bool(trained_on["content_hash"] == resolved.dataset.content_hash)
    return bool(trained_on.get("id") == resolved.dataset.id)


def _known_rows(record: dict[str, Any], chosen: list[Part]) -> int:
    used = {
        (part.split, row)
        for name in ("train", "validation")
        for part in [_part(record.get(name) or {})]
        for row in part.rows
    }
    return sum((part.split, row) in used for part in chosen for row in part.rows)
