"""Lists and texts that show themselves well in a cell."""

from __future__ import annotations

from typing import Any

from . import display


class Table(list[Any]):
    """A list that shows itself as a table."""

    def __init__(self, items: Any, *, headers: list[str], cells: Any, caption: str = "") -> None:
        super().__init__(items)
        self._headers, self._cells, self._caption = headers, cells, caption

    def _repr_html_(self) -> str:
        if not self:
            return display.soft(self._caption or "Nothing here.")
        return display.table(self._headers, map(self._cells, self), caption=self._caption)


class Text(str):
    """Text that shows its line breaks."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return display.code(self, lines=30)


def short(value: Any, longest: int = 120) -> str:
    """On one line, and not too long."""
    text = "–" if value is None else " ".join(str(value).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
