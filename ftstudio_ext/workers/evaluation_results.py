"""The results of an evaluation on disk: rows as they come, and what they add up to."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from ftstudio_ext.core.statistics import wilson
from ftstudio_ext.schema.evaluations import Rate, Score, ScoredRow

Key = tuple[str, str, int]
"""System, split, row."""


class RowsFile:
    """`result/rows.jsonl`, append-only. Rows of earlier attempts are kept and not asked again; a
    line that a crash has torn is cut off."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows: dict[Key, ScoredRow] = {}
        whole = 0
        if path.exists():
            for line in path.read_bytes().splitlines(keepends=True):
                if not line.endswith(b"\n"):
                    break
                row = ScoredRow.model_validate_json(line)
                self.rows[key(row)] = row
                whole += len(line)
            os.truncate(path, whole)
        self._file = path.open("ab")

    def add(self, rows: list[ScoredRow]) -> None:
        """Append a batch; it is on disk when this returns."""
        self._file.write(b"".join(row.model_dump_json().encode() + b"\n" for row in rows))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.rows.update({key(row): row for row in rows})

    def __enter__(self) -> RowsFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def key(row: ScoredRow) -> Key:
    """What makes a row unique within an evaluation."""
    return row.system, row.split, row.row


def rate(outcomes: list[bool]) -> Rate:
    """A share with its 95 % interval."""
    successes, n = sum(outcomes), len(outcomes)
    low, high = wilson(successes, n)
    return Rate(value=successes / n if n else 0.0, low=low, high=high, successes=successes, n=n)


def summarize(score: Score, rows: list[ScoredRow], executed: bool) -> Score:
    """`score` (who, on what) with the numbers of its rows."""
    known = [row.execution for row in rows if row.execution is not None]
    return score.model_copy(
        update={
            "rows": len(rows),
            "exact_match": rate([row.exact_match for row in rows]),
            "execution": rate(known) if executed else None,
            "stopped": rate([row.stopped for row in rows]),
            "seconds": sum(row.seconds for row in rows),
            "new_tokens": sum(row.new_tokens for row in rows),
            "expected_not_executable": len(rows) - len(known) if executed else 0,
        }
    )
