"""What is in each column, gathered batch by batch in bounded memory."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa

from ftstudio_ext.core.columns import is_identifier_name
from ftstudio_ext.schema.profiles import ColumnProfile, Quantiles, ValueCount

from .cells import Cells, is_number, is_text
from .distinct import Distinct
from .lengths import Lengths

FEW_VALUES = 1_000
TOP = 20
LONGEST_TOP_VALUE = 200
NUMBERS_SAMPLED = 100_000
LONGEST_IDENTIFIER = 64
_SPACE = re.compile(r"\s")
_CODE = re.compile(r"^(?=.*\d)[0-9A-Za-z._:-]{8,}$")


class ColumnScan:
    """One column over all splits."""

    def __init__(self, name: str, type_name: str, kind: pa.DataType, rows: int) -> None:
        self.name = name
        self.lengths = Lengths()
        self.numbers = _Numbers(rows) if is_number(kind) else None
        self.nulls = 0
        self.blank = 0
        self._rows = rows
        self._type_name = type_name
        self._is_text = is_text(kind)
        self._is_integer = pa.types.is_integer(kind)
        self._distinct = Distinct()
        self._top: Counter[str] | None = Counter()
        self._codes = self._words = self._is_text
        self._steps = self._is_integer
        self._last: int | None = None

    def add(self, array: pa.Array) -> Cells:
        """Take up a batch's cells, and hand them back encoded."""
        cells = Cells(array)
        counts, blanks = cells.counts(), cells.blanks()
        self.nulls += cells.nulls
        self.blank += int(counts[blanks].sum())
        if self._is_text:
            self.lengths.add(cells.lengths()[~blanks], counts[~blanks])
        if self.numbers is not None:
            self.numbers.add(cells, counts)
        self._distinct.add(cells.hashes()[~blanks])
        self._count(cells, counts, blanks)
        self._look_for_codes(cells, blanks)
        self._look_for_steps(cells)
        return cells

    @property
    def empty(self) -> int:
        """Rows with nothing in this column."""
        return self.nulls + self.blank

    def identifies(self) -> bool:
        """Whether each row has a value of its own that says nothing but which row it is."""
        filled = self._rows - self.empty
        distinct, estimated = self._distinct.count()
        unique = distinct >= filled * (0.97 if estimated else 1)
        if filled < 20 or not unique:
            return False
        named = is_identifier_name(self.name)
        if self._is_integer:
            return self._steps or named
        says_nothing = self._codes or (named and self._words)
        return says_nothing and self.lengths.max <= LONGEST_IDENTIFIER

    def profile(self, used: bool | None) -> ColumnProfile:
        distinct, estimated = self._distinct.count()
        characters = self.lengths.quantiles()
        return ColumnProfile(
            name=self.name,
            type=self._type_name,
            used=used,
            nulls=self.nulls,
            blank=self.blank,
            distinct=distinct,
            distinct_is_estimate=estimated,
            numbers=self.numbers.quantiles() if self.numbers else None,
            characters=characters,
            histogram=self.lengths.histogram() if characters else None,
            top=self.top(),
        )

    def top(self) -> list[ValueCount]:
        """The most frequent values, where there are few different ones."""
        if not self._top:
            return []
        common = sorted(self._top.items(), key=lambda item: (-item[1], item[0]))[:TOP]
        return [ValueCount(value=value, count=count) for value, count in common]

    def _count(self, cells: Cells, counts: Any, blanks: Any) -> None:
        if self._top is None:
            return
        if len(cells.values) > FEW_VALUES:
            self._top = None
            return
        for text, count, blank in zip(cells.texts(), counts.tolist(), blanks.tolist(), strict=True):
            if len(text) > LONGEST_TOP_VALUE:
                self._top = None
                return
            if count and not blank:
                self._top[text] += count
        if len(self._top) > FEW_VALUES:
            self._top = None

    def _look_for_codes(self, cells: Cells, blanks: Any) -> None:
        """Hashes, UUIDs, numbers as text: single words with digits, not short."""
        if not self._words:
            return
        pairs = zip(cells.texts(), blanks.tolist(), strict=True)
        texts = [text for text, blank in pairs if not blank]
        self._words = not any(_SPACE.search(text) for text in texts)
        self._codes = self._codes and self._words
        self._codes = self._codes and all(_CODE.match(t) or t.isdigit() for t in texts)

    def _look_for_steps(self, cells: Cells) -> None:
        """Whole numbers that go up by one from row to row; a split may begin anew."""
        if not self._steps:
            return
        if cells.nulls or not cells.rows:
            self._steps = not cells.nulls
            return
        numbers = np.asarray(cells.values).astype(np.int64)[cells.places]
        joins = self._last is None or numbers[0] in (self._last + 1, 0, 1)
        self._steps = bool(joins and (np.diff(numbers) == 1).all())
        self._last = int(numbers[-1])


class _Numbers:
    """Smallest, largest and mean of all; quantiles of every n-th."""

    def __init__(self, rows: int) -> None:
        self._every = max(1, -(-rows // NUMBERS_SAMPLED))
        self._sample: list[np.ndarray[Any, Any]] = []
        self._seen = 0
        self._sum = 0.0
        self._count = 0
        self._min, self._max = np.inf, -np.inf

    def add(self, cells: Cells, counts: Any) -> None:
        values = np.array([float(value) for value in cells.values.to_pylist()], np.float64)
        finite = np.isfinite(values) & (counts > 0)
        if finite.any():
            self._sum += float((values[finite] * counts[finite]).sum())
            self._count += int(counts[finite].sum())
            self._min = min(self._min, float(values[finite].min()))
            self._max = max(self._max, float(values[finite].max()))
        first = -self._seen % self._every
        self._seen += cells.rows
        places, filled = cells.places[first :: self._every], cells.filled[first :: self._every]
        if len(values):
            drawn = values[places[filled]]
            self._sample.append(drawn[np.isfinite(drawn)])

    def quantiles(self) -> Quantiles | None:
        if not self._count:
            return None
        sample = np.concatenate(self._sample) if self._sample else np.empty(0)
        if not len(sample):
            sample = np.array([self._min, self._max])
        marks = [
            float(x) for x in np.quantile(sample, [0.25, 0.5, 0.75, 0.95, 0.99], method="nearest")
        ]
        mean = self._sum / self._count
        return Quantiles(
            min=self._min, p25=marks[0], p50=marks[1], p75=marks[2],
            p95=marks[3], p99=marks[4], max=self._max, mean=mean,
        )  # fmt: skip
