"""Rows that hold some text: found batch by batch within a time limit, and remembered, so that the
next page goes on where the last one ended."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio_ext.jobs.helper_server import Context

from .data_rows import MAX_ROWS, named_rows, open_table

TIME_S = 1.5
"""Of one request's search; a page of what was found until then is answered."""
REMEMBERED = 8
MOST_HITS = 200_000
"""Remembered of one search: what nobody pages through. The search ends there."""


@dataclass
class _Search:
    """A search of one split: hits so far, and where it goes on."""

    table: pa.Table
    batches: list[pa.RecordBatch]
    hits: list[np.ndarray[Any, Any]] = field(default_factory=list)
    found: int = 0
    batch: int = 0
    searched: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def complete(self) -> bool:
        return self.batch == len(self.batches)

    @property
    def full(self) -> bool:
        return self.found >= MOST_HITS


_searches: OrderedDict[tuple[Any, ...], _Search] = OrderedDict()
_lock = threading.Lock()


def search_rows(params: dict[str, Any], context: Context) -> dict[str, Any]:
    """Verb `search_rows`: {dataset_dir, split_file, q, offset, limit} → {rows, indices, total,
    complete, next_offset, searched}. Offset and total count hits; letter case does not matter;
    text is looked for in all columns of text, nested ones too."""
    table = open_table(params["dataset_dir"], params["split_file"])
    search = _remembered(table, params["q"])
    offset, limit = int(params.get("offset") or 0), min(int(params.get("limit") or 50), MAX_ROWS)
    with search.lock:
        _go_on(search, params["q"], time.monotonic() + TIME_S, context)
        hits = np.concatenate(search.hits) if search.hits else np.empty(0, np.int64)
    chosen = [int(hit) for hit in hits[offset : offset + limit]]
    done = search.complete or search.full
    reached = min(offset + len(chosen), len(hits)) if offset < len(hits) else offset
    more = reached < len(hits) or not done
    return {
        "rows": named_rows({**params, "rows": chosen})["rows"] if chosen else [],
        "indices": chosen,
        "total": len(hits),
        "complete": search.complete,
        "next_offset": reached if more else None,
        "searched": search.searched,
    }


def _remembered(table: pa.Table, text: str) -> _Search:
    """The search of this text in this table, as far as it has come."""
    key = (id(table), text)
    with _lock:
        search = _searches.pop(key, None)
        if search is None:
            search = _Search(table, _searchable(table).to_batches())
        _searches[key] = search
        while len(_searches) > REMEMBERED:
            _searches.popitem(last=False)
        return search


def _searchable(table: pa.Table) -> pa.Table:
    return table.select([f.name for f in table.schema if _holds_text(f.type)])


def _go_on(search: _Search, text: str, until: float, context: Context) -> None:
    """Search until there is nothing more, enough was found, or time is up."""
    while not search.complete and not search.full:
        context.check()
        batch = search.batches[search.batch]
        found = np.flatnonzero(_rows_with(batch, text))
        if len(found):
            search.hits.append(found + search.searched)
            search.found += len(found)
        search.searched += batch.num_rows
        search.batch += 1
        if time.monotonic() >= until:
            return


def _rows_with(batch: pa.RecordBatch, text: str) -> np.ndarray[Any, Any]:
    rows = np.zeros(batch.num_rows, bool)
    for column in batch.columns:
        rows |= _cells_with(column, text)
    return rows


def _cells_with(array: pa.Array, text: str) -> np.ndarray[Any, Any]:
    """Which cells hold the text, at any depth."""
    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        hits = pc.match_substring(array, text, ignore_case=True)
        return np.asarray(hits.fill_null(False))
    cells = np.zeros(len(array), bool)
    if pa.types.is_struct(kind):
        for number, inner in enumerate(kind):
            if _holds_text(inner.type):
                cells |= _cells_with(pc.struct_field(array, [number]), text)
    elif _is_list(kind) and _holds_text(kind.value_type):
        inside = np.asarray(pc.list_parent_indices(array))
        cells[inside[_cells_with(pc.list_flatten(array), text)]] = True
    return cells


def _holds_text(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return any(_holds_text(inner.type) for inner in kind)
    if _is_list(kind):
        return _holds_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )
