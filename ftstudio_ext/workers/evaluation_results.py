"""The rows of an evaluation on disk, as they come."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from ftstudio_ext.core.files import write_bytes_atomic
from ftstudio_ext.schema.evaluation_results import AskedRow, ScoredRow

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


def write_questions(path: Path, asked: list[AskedRow]) -> None:
    """`result/questions.jsonl`, the same in every attempt."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes_atomic(path, b"".join(row.model_dump_json().encode() + b"\n" for row in asked))
