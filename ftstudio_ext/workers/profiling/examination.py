"""Two readings of a dataset: the first for what is in its columns, the second for its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from ftstudio_ext.core.examples import placeholders_of
from ftstudio_ext.schema.prompts import Prompt

from . import repeats
from .cells import Cells, is_text, join_hashes
from .columns import ColumnScan
from .reading import Piece, Source
from .similar import BANDS, band_keys
from .tokens import sampled

Array = np.ndarray[Any, Any]
Tick = Callable[[str, int, int], None]
"""Told (phase, rows done, rows in all); may raise to end the work."""

NEAR_ROWS = 1_000_000
NEAR_PAIRS = 200_000
NEAR_BYTES = 512 << 20
"""Limits of the search for near duplicates: rows, pairs to compare, and the text of either."""
EXTREME_FACTOR = 10
EXTREME_AT_LEAST = 1_000
"""Characters: cells over ten times as long as the longest but 5 % are extreme, from here on."""


@dataclass
class Examination:
    """What the readings have found. Rows are named by their place in the whole dataset."""

    source: Source
    scans: list[ColumnScan]
    used: list[str] | None
    empty: dict[str, Array] = field(default_factory=dict)
    compared: list[str] = field(default_factory=list)
    extreme: dict[str, tuple[int, Array]] = field(default_factory=dict)
    duplicates: tuple[Array, Array] = (repeats.NONE, repeats.NONE)
    leaks: tuple[Array, Array] = (repeats.NONE, repeats.NONE)
    near: tuple[Array, Array] = (repeats.NONE, repeats.NONE)
    near_looked_at: int = 0
    near_left_out: bool = False

    @property
    def rows(self) -> int:
        return self.source.rows

    def empty_rows(self, columns: list[str]) -> Array:
        """Which rows have nothing in any of these columns."""
        together = np.ones(self.rows, bool)
        for name in columns:
            together &= self.empty_cells(name)
        return together

    def empty_cells(self, column: str) -> Array:
        """Which rows have nothing in this column."""
        return np.unpackbits(self.empty[column], count=self.rows).astype(bool)


def examine(source: Source, prompt: Prompt | None, near: bool, tick: Tick) -> Examination:
    """Read the dataset twice. `prompt` names the columns that matter; all do without one."""
    schema = source.schema()
    types = {column.name: column.type for column in source.dataset.columns}
    scans = [
        ColumnScan(item.name, types.get(item.name, str(item.type)), item.type, source.rows)
        for item in schema
    ]
    used = placeholders_of(prompt) if prompt else None
    found = Examination(source, scans, used)
    _read_columns(found, tick)
    found.compared = _compared(found)
    _read_rows(found, schema, near, tick)
    return found


def _read_columns(found: Examination, tick: Tick) -> None:
    """The first reading."""
    empty = {scan.name: np.zeros(found.rows, bool) for scan in found.scans}
    for piece in found.source.pieces():
        tick("examining", piece.place, found.rows)
        for number, scan in enumerate(found.scans):
            cells = scan.add(piece.batch.column(number))
            end = piece.place + cells.rows
            empty[scan.name][piece.place : end] = cells.empty_rows()
    tick("examining", found.rows, found.rows)
    found.empty = {name: np.packbits(empty.pop(name)) for name in list(empty)}


def _compared(found: Examination) -> list[str]:
    """The columns by which rows are the same: those of the prompt, or all that say something."""
    names = [scan.name for scan in found.scans]
    if found.used:
        return [name for name in names if name in found.used]
    return [scan.name for scan in found.scans if not scan.identifies()] or names


def _read_rows(found: Examination, schema: pa.Schema, near: bool, tick: Tick) -> None:
    """The second reading."""
    source = found.source
    limits = {
        scan.name: limit
        for scan in found.scans
        if is_text(schema.field(scan.name).type)
        and (found.used is None or scan.name in found.used)
        and scan.lengths.max > (limit := extreme_limit(scan))
    }
    hashes = np.zeros(found.rows, np.uint64)
    drawn = sampled(found.rows if near else 0, _within_bytes(source, NEAR_ROWS))
    keys = np.zeros((len(drawn), BANDS), np.uint64, order="F")
    extreme: dict[str, list[Array]] = {name: [] for name in limits}
    for piece in source.pieces(list(dict.fromkeys([*found.compared, *limits]))):
        tick("comparing", piece.place, found.rows)
        here = slice(piece.place, piece.place + piece.batch.num_rows)
        for name in found.compared:
            cells = Cells(piece.batch.column(name))
            hashes[here] = join_hashes(hashes[here], cells.row_hashes())
        for name, limit in limits.items():
            extreme[name].append(_longer(piece, name, limit))
        low, high = np.searchsorted(drawn, [here.start, here.stop])
        if low < high:
            chosen = piece.batch.take(pa.array(drawn[low:high] - piece.place))
            keys[low:high] = band_keys(chosen, found.compared)
    found.extreme = {n: (limits[n], np.concatenate(rows)) for n, rows in extreme.items()}
    _find_repeats(found, hashes, drawn, keys, tick)


def _find_repeats(found: Examination, hashes: Array, drawn: Array, keys: Array, tick: Tick) -> None:
    source, skip = found.source, found.empty_rows(found.compared)
    found.duplicates = repeats.duplicates(hashes, skip, source)
    found.leaks = repeats.leaks(hashes, skip, source)
    skip[found.duplicates[0]] = True
    skip[found.leaks[0]] = True
    gone, like, found.near_left_out = repeats.near_duplicates(
        keys,
        drawn,
        skip,
        source,
        found.compared,
        _within_bytes(source, NEAR_PAIRS),
        lambda: tick("comparing", found.rows, found.rows),
    )
    found.near, found.near_looked_at = (gone, like), len(drawn)


def _within_bytes(source: Source, rows: int) -> int:
    """At most so many rows, fewer where they are long."""
    row_bytes = max(1, source.dataset.bytes // max(1, source.rows))
    return min(rows, max(1_000, NEAR_BYTES // row_bytes))


def extreme_limit(scan: ColumnScan) -> int:
    """Characters from which on a cell is out of the ordinary for its column."""
    return max(EXTREME_AT_LEAST, EXTREME_FACTOR * scan.lengths.quantile(0.95))


def _longer(piece: Piece, name: str, limit: int) -> Array:
    cells = Cells(piece.batch.column(name))
    if not len(cells.values):
        return repeats.NONE
    too_long = (cells.lengths() > limit)[cells.places] & cells.filled
    return np.flatnonzero(too_long) + piece.place
