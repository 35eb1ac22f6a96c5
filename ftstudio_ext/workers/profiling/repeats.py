"""Rows that occur more than once, from the hashes of all rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from .reading import Source
from .similar import alike, candidates

Array = np.ndarray[Any, Any]
NONE = np.empty(0, np.int64)
BYTES_COMPARED = 1 << 20
"""Of text on each side of the pairs that are compared at once; what is made of it is larger."""
MIN_PAIRS_AT_ONCE = 16


def duplicates(hashes: Array, skip: Array, source: Source) -> tuple[Array, Array]:
    """(rows that repeat an earlier one of their own split, the first of their kind)."""
    found = [
        _in_one_split(hashes[start:end], skip[start:end], start) for start, end in _spans(source)
    ]
    return _joined(found)


def leaks(hashes: Array, skip: Array, source: Source) -> tuple[Array, Array]:
    """(rows that occur in a later split too, the row there). Later splits are more held out."""
    found = []
    spans = _spans(source)
    for start, end in spans[:-1]:
        later = np.arange(end, len(hashes))[~skip[end:]]
        order = later[np.argsort(hashes[later], kind="stable")]
        there = hashes[order]
        mine = np.arange(start, end)[~skip[start:end]]
        if not len(order) or not len(mine):
            continue
        at = np.minimum(np.searchsorted(there, hashes[mine]), len(there) - 1)
        same = there[at] == hashes[mine]
        found.append((mine[same], order[at[same]]))
    return _joined(found)


def near_duplicates(
    keys: Array,
    places: Array,
    skip: Array,
    source: Source,
    columns: list[str],
    at_most: int,
    tick: Any,
) -> tuple[Array, Array, bool]:
    """(rows to do without, the rows that they resemble, whether there were too many pairs to
    compare all). Within a split the earlier row stays, of two splits the more held-out one.
    `keys` are those of `places`; rows in
    `skip` are left alone. `tick()` is called now and then."""
    pairs, more = candidates(keys, np.flatnonzero(~skip[places]), at_most)
    goes, stays = _sides(places[pairs], source)
    like = np.full(source.rows, -1, np.int64)
    row_bytes = max(1, source.dataset.bytes // max(1, source.rows))
    step = max(MIN_PAIRS_AT_ONCE, BYTES_COMPARED // row_bytes)
    for start in range(0, len(pairs), step):
        tick()
        one, other = goes[start : start + step], stays[start : start + step]
        open_ = (like[one] < 0) & (like[other] < 0)  # what is dropped already needs no second look
        one, other = one[open_], other[open_]
        if not len(one):
            continue
        same = alike(source.take(one, columns), source.take(other, columns), columns)
        for gone, kept in zip(one[same].tolist(), other[same].tolist(), strict=True):
            if like[kept] < 0 and like[gone] < 0:
                like[gone] = kept
    found = np.flatnonzero(like >= 0)
    return found, like[found], more


def _sides(pairs: Array, source: Source) -> tuple[Array, Array]:
    """(the row of each pair that goes, the one that stays)."""
    splits = np.searchsorted(np.asarray(source.starts), pairs, side="right")
    same = splits[:, 0] == splits[:, 1]
    low, high = pairs[:, 0], pairs[:, 1]
    return np.where(same, high, low), np.where(same, low, high)


def _in_one_split(hashes: Array, skip: Array, start: int) -> tuple[Array, Array]:
    rows = np.flatnonzero(~skip)
    order = rows[np.argsort(hashes[rows], kind="stable")]
    ordered = hashes[order]
    same = ordered[1:] == ordered[:-1]
    if not same.any():
        return NONE, NONE
    begins = np.flatnonzero(np.concatenate([[True], ~same]))
    heads = np.repeat(order[begins], np.diff(np.append(begins, len(order))))
    repeated = np.concatenate([[False], same])
    return order[repeated] + start, heads[repeated] + start


def _spans(source: Source) -> list[tuple[int, int]]:
    ends = [*source.starts[1:], source.rows]
    return list(zip(source.starts, ends, strict=True))


def _joined(found: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    if not found:
        return NONE, NONE
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])
