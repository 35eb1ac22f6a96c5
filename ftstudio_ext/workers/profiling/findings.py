"""From what was found to what people are told: sentences, examples, remedies."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftstudio_ext.schema.profiles import DataFix, Finding, FindingCode, FixKind, RowRef

from .examination import Examination
from .marks import Marks
from .similar import row_text

Array = np.ndarray[Any, Any]
EXAMPLES = 5
LONGEST_EXAMPLE = 300
WARNING_SHARE = 0.01


class Report:
    """The findings of one profile, with their rows."""

    def __init__(self, found: Examination) -> None:
        self.found = found
        self.marks = Marks()
        self.findings: list[Finding] = []

    def rows(
        self,
        code: FindingCode,
        level: str,
        message: str,
        remedy: str,
        places: Array,
        *,
        same_as: Array | None = None,
        column: str | None = None,
        of: int | None = None,
        fix: tuple[FixKind, str] | None = None,
        examples: Array | None = None,
    ) -> None:
        """A finding about some rows; none when there are none."""
        name = f"{code}:{column}" if column else code
        if not self.marks.add(name, places, same_as):
            return
        self._add(
            Finding(
                id=name,
                code=code,
                level=level,  # type: ignore[arg-type]
                message=message,
                count=len(places),
                share=len(places) / (of or self.found.rows),
                column=column,
                rows=self._examples(name, examples),
                remedy=remedy,
                fix=DataFix(kind=fix[0], label=fix[1], finding=name) if fix else None,
            )
        )

    def column(
        self,
        code: FindingCode,
        level: str,
        message: str,
        remedy: str,
        column: str,
        count: int,
        drop: bool = True,
    ) -> None:
        """A finding about a column as a whole."""
        name = f"{code}:{column}"
        label = f"Drop the column “{column}”"
        self._add(
            Finding(
                id=name,
                code=code,
                level=level,  # type: ignore[arg-type]
                message=message,
                count=count,
                share=count / max(1, self.found.rows),
                column=column,
                remedy=remedy,
                fix=DataFix(kind="drop_columns", label=label, finding=name, columns=[column])
                if drop
                else None,
            )
        )

    def sorted(self) -> list[Finding]:
        """Warnings first, then what concerns most rows."""
        return sorted(self.findings, key=lambda f: (f.level != "warning", -f.count, f.id))

    def _add(self, finding: Finding) -> None:
        self.findings.append(finding)

    def _examples(self, name: str, wanted: Array | None) -> list[RowRef]:
        places = self.marks.places[name]
        chosen = (places if wanted is None else wanted)[:EXAMPLES]
        source, columns = self.found.source, self.found.used or None
        table = source.take(chosen, columns or [scan.name for scan in self.found.scans])
        twins = self.marks.same_as.get(name)
        made = []
        for number, place in enumerate(chosen.tolist()):
            split, row = source.place_of(place)
            text = row_text(table, number)
            if len(text) > LONGEST_EXAMPLE:
                text = f"{text[: LONGEST_EXAMPLE - 1]}…"
            ref = RowRef(split=source.splits[split].name, row=row, text=text)
            if twins is not None:
                other, ref.same_as = source.place_of(int(twins[number]))
                ref.same_as_split = source.splits[other].name
            made.append(ref)
        return made


def rows_word(count: int) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} row{'' if count == 1 else 's'}"


def verb(count: int, one: str, many: str) -> str:
    """The verb that fits a number."""
    return one if count == 1 else many


def level_of(share: float) -> str:
    """A warning, unless very few rows are concerned."""
    return "warning" if share >= WARNING_SHARE else "info"


def names(columns: list[str], at_most: int = 6) -> str:
    """Column names in a sentence."""
    shown = ", ".join(columns[:at_most])
    return f"{shown} and {len(columns) - at_most} more" if len(columns) > at_most else shown
