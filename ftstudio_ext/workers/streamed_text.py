"""The text of an answer while its tokens arrive one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_UNFINISHED = "\ufffd"
"""What a tokenizer writes for the first bytes of a character whose last ones are to come."""


class StreamedText:
    """Turns tokens into pieces of text that are whole: no half characters, and spaces as they
    stand between words in tokenizers whose tokens begin with them.

    A few earlier tokens are decoded again with each new one, since how a token reads depends on
    those before it; the time of a step does not grow with the text. `stops`: texts at which the
    answer ends; neither they nor anything behind them is given out.
    """

    def __init__(self, tokenizer: Any, stops: Sequence[str] = ()) -> None:
        self._tokenizer = tokenizer
        self._stops = [stop for stop in stops if stop]
        self._ids: list[int] = []
        self._from = 0
        self._read = 0
        self._held = ""
        self.text = ""
        self.stopped = False

    def add(self, token: int) -> str:
        """The text that this token completes; often empty within a character."""
        if self.stopped:
            return ""
        self._ids.append(token)
        new = self._new()
        if not new or new.endswith(_UNFINISHED):
            return ""
        self._from, self._read = self._read, len(self._ids)
        return self._given(new)

    def end(self) -> str:
        """What is left when no more tokens come."""
        if self.stopped:
            return ""
        piece = self._given(self._new())
        rest, self._held = self._held, ""
        self.text += rest
        return piece + rest

    def _new(self) -> str:
        before = self._decoded(self._ids[self._from : self._read])
        return self._decoded(self._ids[self._from :])[len(before) :]

    def _decoded(self, ids: list[int]) -> str:
        text = self._tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(text)

    def _given(self, new: str) -> str:
        """Hold back what may be the beginning of a stop text."""
        waiting = self._held + new
        at = min((i for i in map(waiting.find, self._stops) if i >= 0), default=-1)
        if at >= 0:
            self.stopped, self._held, piece = True, "", waiting[:at]
        else:
            keep = max((_overlap(waiting, stop) for stop in self._stops), default=0)
            piece = waiting[: len(waiting) - keep]
            self._held = waiting[len(waiting) - keep :]
        self.text += piece
        return piece


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that `stop` begins with."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
