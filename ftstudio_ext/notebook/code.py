"""Code of a form or a job: text that shows itself, and that can be saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftstudio_ext.schema.code import Code

from . import display
from .errors import StudioApiError
from .tables import Text


class CodeText(Text):
    """A cell, a call, a file or a script. `notes` say what one should know before running it."""

    notes: list[str]
    filename: str

    @classmethod
    def of(cls, answer: Any) -> CodeText:
        """From the server's answer."""
        code = Code.model_validate(answer)
        text = cls(code.text)
        text.notes, text.filename = code.notes, code.filename
        return text

    def save(self, path: str | Path | None = None) -> Path:
        """Write it to a new file: `path`, or a folder to write it into under its own name."""
        place = Path(path or self.filename).expanduser()
        if place.is_dir():
            place = place / self.filename
        try:
            with place.open("x", encoding="utf-8") as file:
                file.write(self)
        except FileExistsError:
            raise StudioApiError(
                f"There is a file {place} already.",
                code="file_exists",
                remedy="Give another name: .save(path).",
            ) from None
        return place

    def _repr_html_(self) -> str:
        notes = [display.problem(note, None) for note in self.notes]
        return display.Html("".join([*notes, str(display.code(self, lines=30))]))
