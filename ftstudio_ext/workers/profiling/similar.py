"""Rows that differ little: MinHash signatures with banding (Broder 1997; Leskovec et al., Mining of
Massive Datasets, chapter 3), and every pair that they bring up compared exactly.

Two rows are near duplicates when in every text column that is compared the pairs of neighbouring
words, regardless of case and of the punctuation of sentences, have a Jaccard similarity of at least SIMILAR, and all
other compared columns are equal.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .cells import NOTHING, Cells, as_text, is_text, join_hashes

SIMILAR = 0.8
BANDS = 12
_NO_SPACES = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])"
_SENTENCE_MARKS = r"""[\s.,;:!?"'“”‘’«»()\[\]{}…]+"""
_OTHER_SIGNS = r"([^\p{L}\p{N}\p{M}_ ])"
_draw = np.random.default_rng(20_071)
_FACTORS = _draw.integers(1, 1 << 63, 2 * BANDS, np.uint64) | np.uint64(1)
_SUMMANDS = _draw.integers(0, 1 << 63, 2 * BANDS, np.uint64)

Array = np.ndarray[Any, Any]


def shingles(array: pa.Array) -> tuple[Array, Array]:
    """(hashes of the pairs of neighbouring words of all texts, where each text's begin). Each
    text has at least one."""
    words = pc.split_pattern(_normalised(array), " ")
    starts = np.asarray(words.offsets).astype(np.int64)
    flat = words.flatten().dictionary_encode()
    known = np.fromiter(map(hash, flat.dictionary.to_pylist()), np.int64).view(np.uint64)
    hashes = known[np.asarray(flat.indices)]
    pairs = join_hashes(hashes, np.append(hashes[1:], NOTHING))
    # The last word of a text has no neighbour: it stands for itself only where it is alone.
    last = starts[1:] - 1
    alone = np.diff(starts) == 1
    keep = np.ones(len(hashes), bool)
    keep[last] = alone
    pairs[last[alone]] = hashes[last[alone]]
    begins = np.concatenate([[0], np.cumsum(np.maximum(np.diff(starts) - 1, 1))])
    return pairs[keep], begins


def band_keys(batch: pa.RecordBatch, columns: list[str]) -> Array:
    """BANDS keys a row: rows that are near duplicates agree in at least one of them, with a
    probability of 97 % at the threshold in three columns, and of nearly 1 well above it."""
    keys = np.zeros((batch.num_rows, BANDS), np.uint64)
    for name in columns:
        array = batch.column(name)
        if is_text(array.type):
            signature = _signature(*shingles(array))
            for band in range(BANDS):
                keys[:, band] = join_hashes(keys[:, band], signature[2 * band])
                keys[:, band] = join_hashes(keys[:, band], signature[2 * band + 1])
        else:
            hashes = Cells(array).row_hashes()
            for band in range(BANDS):
                keys[:, band] = join_hashes(keys[:, band], hashes)
    return keys


def candidates(keys: Array, rows: Array, at_most: int) -> tuple[Array, bool]:
    """Pairs (earlier row, later row) of these rows that agree in a band, each once: each row with
    the first one and with its neighbour of those that agree. The flag tells whether there were
    more."""
    size = len(keys)
    found: list[Array] = []
    for band in range(keys.shape[1]):
        values = keys[rows, band]
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        same = ordered[1:] == ordered[:-1]
        if not same.any():
            continue
        begins = np.flatnonzero(np.concatenate([[True], ~same]))
        heads = np.repeat(begins, np.diff(np.append(begins, len(rows))))
        later = np.flatnonzero(np.concatenate([[False], same]))
        for partner in (heads[later], later - 1):
            one, other = rows[order[partner]], rows[order[later]]
            low, high = np.minimum(one, other), np.maximum(one, other)
            found.append(low * size + high)
        found = [np.unique(np.concatenate(found))]
    if not found:
        return np.empty((0, 2), np.int64), False
    pairs = found[0]
    chosen = pairs[:at_most]
    return np.stack([chosen // size, chosen % size], axis=1), len(pairs) > at_most


def alike(left: pa.Table, right: pa.Table, columns: list[str]) -> Array:
    """For each pair of rows (the same row of both tables) whether they are near duplicates."""
    verdict = np.ones(left.num_rows, bool)
    for name in columns:
        one, other = left.column(name).combine_chunks(), right.column(name).combine_chunks()
        if is_text(one.type):
            verdict &= _jaccard(shingles(one), shingles(other)) >= SIMILAR
        else:
            verdict &= Cells(one).row_hashes() == Cells(other).row_hashes()
    return verdict


def _jaccard(left: tuple[Array, Array], right: tuple[Array, Array]) -> Array:
    """Similarity of each text with its partner. Sorted by (text, shingle), each shingle once on a
    side, what both have stands side by side."""
    marked = [_distinct_shingles(*side) for side in (left, right)]
    rows = len(left[1]) - 1
    sizes = [np.bincount(owners, minlength=rows) for owners, _values in marked]
    owners = np.concatenate([marked[0][0], marked[1][0]])
    values = np.concatenate([marked[0][1], marked[1][1]])
    order = np.lexsort((values, owners))
    owners, values = owners[order], values[order]
    both = (owners[1:] == owners[:-1]) & (values[1:] == values[:-1])
    common = np.bincount(owners[1:][both], minlength=rows)
    return common / (sizes[0] + sizes[1] - common)


def _distinct_shingles(values: Array, begins: Array) -> tuple[Array, Array]:
    owners = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
    order = np.lexsort((values, owners))
    owners, values = owners[order], values[order]
    first = np.ones(len(values), bool)
    first[1:] = (owners[1:] != owners[:-1]) | (values[1:] != values[:-1])
    return owners[first], values[first]


def _signature(values: Array, begins: Array) -> list[Array]:
    """2 × BANDS minima a text."""
    starts = begins[:-1]
    return [
        np.minimum.reduceat(values * factor + summand, starts)
        for factor, summand in zip(_FACTORS, _SUMMANDS, strict=True)
    ]


def _normalised(array: pa.Array) -> pa.Array:
    """Words in small letters with single spaces between them. Signs that may carry the meaning of
    code or sums are words of their own, and so are letters of scripts without spaces."""
    text = pc.utf8_lower(array.fill_null(""))
    if not pc.all(pc.string_is_ascii(text), min_count=0).as_py():
        text = pc.replace_substring_regex(text, _NO_SPACES, r" \1 ")
    text = pc.replace_substring_regex(text, _SENTENCE_MARKS, " ")
    text = pc.replace_substring_regex(text, _OTHER_SIGNS, r" \1 ")
    text = pc.replace_substring_regex(text, "  +", " ")
    return pc.utf8_trim_whitespace(text)


def row_text(table: pa.Table, row: int) -> str:
    """A row in one line, for people."""
    cells = (as_text(table.column(name)[row].as_py()) for name in table.column_names)
    return " · ".join(" ".join(cell.split()) for cell in cells if cell.strip())
