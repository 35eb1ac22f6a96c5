"""Lists and texts that show themselves well, in a cell and in a terminal."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from . import display

LONGEST_CELL = 60


class Table(list[Any]):
    """A list that shows itself as a table."""

    def __init__(self, items: Any, *, headers: list[str], cells: Any, caption: str = "") -> None:
        super().__init__(items)
        self._headers, self._cells, self._caption = headers, cells, caption

    def _repr_html_(self) -> str:
        if not self:
            return display.soft(self._caption or "Nothing here.")
        return display.table(self._headers, map(self._cells, self), caption=self._caption)

    def __repr__(self) -> str:
        """Columns of text, for terminals."""
        if not self:
            return self._caption or "Nothing here."
        rows = [self._headers, *([_plain(cell) for cell in self._cells(item)] for item in self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "\n".join([*lines, *([self._caption] if self._caption else [])])


class Text(str):
    """Text that shows its line breaks."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return display.code(self, lines=30)


def _plain(cell: object) -> str:
    """A cell without its tags, on one line."""
    return short(unescape(re.sub(r"<[^>]*>", "", display.html(cell))), LONGEST_CELL).strip()


def short(value: Any, longest: int = 120) -> str:
    """On one line, and not too long."""
    text = "–" if value is None else " ".join(str(value).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
