"""A column's cells as text, as hashes, and whether there is anything in them.

Everything works on a dictionary-encoded batch, so that a value that occurs a thousand times is
looked at once. Hashes are Python's own: 64 bits, with a seed of this process alone.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio_ext.core.values import json_safe

NOTHING = np.uint64(0x9E3779B97F4A7C15)
"""Stands for an empty cell in hashes of rows."""
_BYTES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of this type holds text."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def is_number(kind: pa.DataType) -> bool:
    """Whether a column of this type has a smallest and a mean value."""
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


class Cells:
    """One column of one batch: its distinct values and which row has which."""

    def __init__(self, array: pa.Array) -> None:
        self.type = array.type
        self.rows = len(array)
        encoded = _encodable(array).dictionary_encode()
        self.values: pa.Array = encoded.dictionary
        places = encoded.indices
        self.filled = np.asarray(places.is_valid())
        self.places: np.ndarray[Any, Any] = np.asarray(places.fill_null(0))

    @property
    def nulls(self) -> int:
        return self.rows - int(self.filled.sum())

    def counts(self) -> np.ndarray[Any, Any]:
        """How often each of `values` occurs."""
        return np.bincount(self.places[self.filled], minlength=len(self.values))

    def hashes(self) -> np.ndarray[Any, Any]:
        """A 64-bit hash of each of `values`."""
        texts = self.texts()
        return np.fromiter(map(hash, texts), np.int64, len(texts)).view(np.uint64)

    def texts(self) -> list[str]:
        """Each of `values` as text."""
        values = self.values
        if is_text(values.type):
            return values.to_pylist()
        if any(test(values.type) for test in _BYTES):
            return [value.hex() for value in values.to_pylist()]
        return [str(value) for value in values.cast(pa.string()).to_pylist()]

    def lengths(self) -> np.ndarray[Any, Any]:
        """Characters of each of `values`, which are text."""
        return np.asarray(pc.utf8_length(self.values)).astype(np.int64)

    def blanks(self) -> np.ndarray[Any, Any]:
        """Which of `values` say nothing: white space, an empty list or object."""
        values = self.values
        if not is_text(values.type):
            return np.zeros(len(values), bool)
        if is_text(self.type):
            trimmed = pc.utf8_trim_whitespace(values)
            return np.asarray(pc.equal(pc.binary_length(trimmed), 0))
        return np.asarray(pc.is_in(values, pa.array(["[]", "{}", '""'], values.type)))

    def row_hashes(self) -> np.ndarray[Any, Any]:
        """A hash for each row; empty cells have that of nothing."""
        if not len(self.values):
            return np.full(self.rows, NOTHING)
        hashes = self.hashes()
        hashes[self.blanks()] = NOTHING
        return np.where(self.filled, hashes[self.places], NOTHING)

    def empty_rows(self) -> np.ndarray[Any, Any]:
        """Which rows have nothing in this column."""
        if not len(self.values):
            return np.ones(self.rows, bool)
        return ~self.filled | self.blanks()[self.places]


def join_hashes(joined: np.ndarray[Any, Any], hashes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The hashes of rows, from those of their columns so far and one column more."""
    mixed = joined ^ (hashes + NOTHING + (joined << np.uint64(6)) + (joined >> np.uint64(2)))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MULTIPLIER
    return mixed ^ (mixed >> np.uint64(27))


def as_text(value: Any) -> str:
    """A cell as people read it."""
    safe = json_safe(value)
    if safe is None:
        return ""
    return safe if isinstance(safe, str) else json.dumps(safe, ensure_ascii=False)


def _encodable(array: pa.Array) -> pa.Array:
    """The array in a type that Arrow can encode: NaN is nothing, what is nested becomes JSON."""
    if isinstance(array, pa.DictionaryArray):
        array = array.dictionary_decode()
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())
    if pa.types.is_floating(array.type):
        return pc.if_else(pc.is_nan(array), None, array) if len(array) else array
    if pa.types.is_nested(array.type):
        texts = [None if value is None else as_text(value) for value in array.to_pylist()]
        return pa.array(texts, pa.large_string())
    if pa.types.is_null(array.type):
        return array.cast(pa.string())
    return array
