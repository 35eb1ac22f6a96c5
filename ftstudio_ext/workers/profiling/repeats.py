"""Rows that occur more than once, from the hashes of all rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from .reading import Source
from .similar import alike, candidates

Array = np.ndarray[Any, Any]
NONE = np.empty(0, np.int64)
PAIRS_AT_ONCE = 4_000


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
    dropped: dict[int, int] = {}
    spans = np.asarray(source.starts)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        tick()
        low, high = places[pairs[start : start + PAIRS_AT_ONCE].T]
        same = alike(source.take(low, columns), source.take(high, columns), columns)
        for one, other in zip(low[same].tolist(), high[same].tolist(), strict=True):
            splits = np.searchsorted(spans, [one, other], side="right")
            goes, stays = (other, one) if splits[0] == splits[1] else (one, other)
            if stays not in dropped:
                dropped.setdefault(goes, stays)
    gone = np.array(sorted(dropped), np.int64)
    return gone, np.array([dropped[place] for place in gone.tolist()], np.int64), more


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
