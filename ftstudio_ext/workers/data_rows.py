"""Rows of datasets by random access: Arrow files mapped into memory, never loaded."""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio_ext.core.errors import InvalidInput, NotFound
from ftstudio_ext.core.values import json_safe

OPEN_TABLES = 8
MAX_ROWS = 1_000
MAX_BYTES = 64 << 20
"""Of the rows in one answer: it is one line on the socket, and one page in the browser."""
_tables: OrderedDict[tuple[str, int, int, int], pa.Table] = OrderedDict()
_lock = threading.Lock()


def open_table(dataset_dir: str, split_file: str) -> pa.Table:
    """The split as a table over the mapped file; the latest OPEN_TABLES stay open."""
    path = Path(dataset_dir) / split_file
    if Path(split_file).name != split_file:
        raise InvalidInput(f"{split_file!r} is not a file name.", field="split")
    try:
        stat = path.stat()
    except OSError:
        raise NotFound(
            f"The dataset's file {split_file} is not there any more.",
            field="split",
            remedy="Import the dataset again.",
        ) from None
    key = (str(path), stat.st_ino, stat.st_mtime_ns, stat.st_size)
    with _lock:
        table = _tables.pop(key, None)
        _tables[key] = _map(path) if table is None else table
        while len(_tables) > OPEN_TABLES:
            _tables.popitem(last=False)
        return _tables[key]


def _map(path: Path) -> pa.Table:
    try:
        return pa.ipc.open_stream(pa.memory_map(str(path))).read_all()
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(
            f"The dataset's file {path.name} is damaged: {error}.",
            field="split",
            remedy="Delete the dataset and import it again.",
        ) from None


def rows(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `rows`: {dataset_dir, split_file, offset, limit} → {rows, total}."""
    table = open_table(params["dataset_dir"], params["split_file"])
    offset = max(0, int(params.get("offset") or 0))
    limit = params.get("limit")
    limit = min(max(0, int(50 if limit is None else limit)), MAX_ROWS)
    page = table.slice(offset, limit)
    _check_size(page, offset)
    return {"rows": _values(page), "total": table.num_rows}


def sample_rows(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `sample_rows`: {dataset_dir, split_file, n, seed} → {rows, indices, total}: rows
    spread over the whole split, in their order."""
    table = open_table(params["dataset_dir"], params["split_file"])
    count = min(int(params.get("n") or 100), MAX_ROWS, table.num_rows)
    draw = random.Random(params.get("seed") or 0)
    indices = sorted(draw.sample(range(table.num_rows), count))
    if (size := sum(table.slice(index, 1).nbytes for index in indices)) > MAX_BYTES:
        indices = indices[: max(1, count * MAX_BYTES // size)]
    return {"rows": _take(table, indices), "indices": indices, "total": table.num_rows}


def named_rows(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `named_rows`: {dataset_dir, split_file, rows} → {rows, total}: whole rows by number."""
    table = open_table(params["dataset_dir"], params["split_file"])
    return {"rows": _take(table, chosen(table, params)), "total": table.num_rows}


def chosen(table: pa.Table, params: dict[str, Any]) -> list[int]:
    """The rows that {rows} names; without it {n} random ones, drawn from {seed}."""
    named = params.get("rows")
    if not table.num_rows:
        raise InvalidInput(
            "The split has no rows.", field="split", remedy="Choose another split or dataset."
        )
    if named is None:
        count = min(int(params.get("n") or 1), table.num_rows)
        return random.Random(params.get("seed")).sample(range(table.num_rows), count)
    for number in named:
        if not 0 <= number < table.num_rows:
            raise InvalidInput(
                f"There is no row {number:,}: the split has {table.num_rows:,} rows, counted "
                "from 0.",
                field="row",
                remedy=f"Choose a row from 0 to {table.num_rows - 1:,}.",
            )
    return list(named)


def take(table: pa.Table, indices: Sequence[int], columns: list[str]) -> list[dict[str, Any]]:
    """Some columns of some rows, in the order asked for; raises InvalidInput for rows that are
    larger than an answer may be."""
    if not columns:
        return [{} for _index in indices]
    return _take(table.select(columns), indices)


def _check_size(page: pa.Table, offset: int) -> None:
    """Raise InvalidInput for rows that no answer should hold."""
    if page.nbytes <= MAX_BYTES:
        return
    size, most = f"{page.nbytes / 1e6:,.0f} MB", f"{MAX_BYTES / 1e6:.0f} MB"
    if page.num_rows == 1:
        raise InvalidInput(
            f"Row {offset:,} holds {size}; rows are shown up to {most}.",
            field="offset",
            remedy="Look at another row; training reads this one all the same.",
        )
    raise InvalidInput(
        f"These {page.num_rows:,} rows hold {size}; an answer holds at most {most}.",
        field="limit",
        remedy=f"Ask for at most {max(1, page.num_rows * MAX_BYTES // page.nbytes):,} rows at once.",
    )


def _take(table: pa.Table, indices: Sequence[int]) -> list[dict[str, Any]]:
    for index in indices:
        _check_size(table.slice(index, 1), index)
    return [row for index in indices for row in _values(table.slice(index, 1))]


def _values(table: pa.Table) -> list[dict[str, Any]]:
    return [json_safe(row) for row in table.to_pylist()]
