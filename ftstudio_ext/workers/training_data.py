"""The rows of a run: drawn, rendered, tokenized, counted.

Rows are read with pyarrow from memory-mapped Arrow stream files, the same way in which they are
shown, a thousand at a time; only the columns that the templates name are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput, NotFound
from ftstudio_ext.core.examples import (
    check_prompt,
    encode_examples,
    placeholders_of,
    without_examples,
)
from ftstudio_ext.core.sampling import Part, Parts, parts
from ftstudio_ext.core.tokenization import TokenizedRow
from ftstudio_ext.schema.training import ResolvedTraining, TrainSpec

ROWS_AT_ONCE = 1000


@dataclass
class Counts:
    """What became of a part's rows."""

    rows: int = 0
    kept: int = 0
    too_long: int = 0
    empty_completion: int = 0
    nothing_to_learn: int = 0
    longest: int = 0
    tokens: int = 0
    trained_tokens: int = 0
    largest_token: int = 0

    def add(self, row: TokenizedRow) -> bool:
        """Count a row; whether it is kept."""
        self.rows += 1
        self.longest = max(self.longest, len(row))
        if row.completion_tokens <= 1:
            self.empty_completion += 1
        if row.outcome == "too_long":
            self.too_long += 1
            return False
        if row.outcome == "nothing_to_learn":
            self.nothing_to_learn += 1
            return False
        self.kept += 1
        self.tokens += len(row)
        self.trained_tokens += row.learned_tokens
        self.largest_token = max(self.largest_token, *row.input_ids)
        return True


@dataclass
class TrainingData:
    """Tokenized rows as `datasets.Dataset` with `input_ids` and `labels`, and how it came to it."""

    parts: Parts
    train: Any
    validation: Any
    counts: dict[str, Counts] = field(default_factory=dict)


def draw(resolved: ResolvedTraining, spec: TrainSpec) -> Parts:
    """The three parts of the dataset; raises InvalidInput."""
    splits = {split.name: split.rows for split in resolved.dataset.splits}
    return parts(splits, spec.data, spec.seed)


def check_templates(resolved: ResolvedTraining) -> None:
    """The prompt must ask for known columns only; raises InvalidInput."""
    columns = [column.name for column in resolved.dataset.columns]
    check_prompt(resolved.prompt, columns, "prompt.")


def tokenize_parts(
    resolved: ResolvedTraining,
    spec: TrainSpec,
    drawn: Parts,
    tokenizer: Any,
    max_length: int,
    progress: Callable[[int, int], None],
) -> TrainingData:
    """Tokenize training and validation rows; `progress(done, total)` is called now and then.

    Validation rows are read only when something is done with them.
    """
    use_validation = spec.evaluation.strategy != "off"
    total = len(drawn.train) + (len(drawn.validation) if use_validation else 0)
    data = TrainingData(drawn, None, None)
    done = 0
    for name, part in (("train", drawn.train), ("validation", drawn.validation)):
        if name == "validation" and not use_validation:
            continue
        part = Part(part.split, without_examples(resolved.prompt, part.split, part.rows))
        data.counts[name] = Counts()
        tables = []
        for values in read_rows(resolved, part, placeholders_of(resolved.prompt)):
            rows = encode_examples(tokenizer, resolved.prompt, values, max_length, spec.loss_on)
            tables.append(_table([row for row in rows if data.counts[name].add(row)]))
            done += len(rows)
            progress(done, total)
        setattr(data, name, _dataset(tables))
    return data


def read_rows(
    resolved: ResolvedTraining, part: Part, columns: list[str]
) -> Iterator[list[dict[str, Any]]]:
    """The part's rows as dictionaries of the given columns, a thousand at a time."""
    import pyarrow as pa

    if not part.rows:
        return
    table = _open(resolved, part.split)
    for start in range(0, len(part.rows), ROWS_AT_ONCE):
        chosen = part.rows[start : start + ROWS_AT_ONCE]
        if columns:
            yield table.select(columns).take(pa.array(chosen, pa.int64())).to_pylist()
        else:
            yield [{} for _row in chosen]


def _open(resolved: ResolvedTraining, split_name: str | None) -> Any:
    """The memory-mapped table of a split."""
    import pyarrow as pa

    files = {split.name: split.file for split in resolved.dataset.splits}
    path = Path(resolved.dataset_dir) / files[str(split_name)]
    try:
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_stream(source).read_all()
    except FileNotFoundError:
        raise NotFound(
            f"The dataset's file {path} does not exist any more.",
            field="dataset",
            remedy="Import the dataset again.",
            code="dataset_missing",
        ) from None
    except pa.ArrowInvalid as error:
        raise InvalidInput(
            f"The dataset's file {path} cannot be read: {error}",
            field="dataset",
            remedy="Import the dataset again.",
            code="dataset_broken",
        ) from error


def _table(rows: list[TokenizedRow]) -> Any:
    import pyarrow as pa

    kind = pa.list_(pa.int32())
    return pa.table(
        {
            "input_ids": pa.array([row.input_ids for row in rows], kind),
            "labels": pa.array([row.labels for row in rows], kind),
        }
    )


def _dataset(tables: list[Any]) -> Any:
    from datasets import Dataset, concatenate_datasets

    return concatenate_datasets([Dataset(table) for table in tables]) if tables else None
