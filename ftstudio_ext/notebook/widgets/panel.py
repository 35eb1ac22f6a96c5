"""What the widgets share: questions to the server from threads, and failures in words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets

from .. import display
from ..errors import StudioApiError

QUIET_S = 0.3
"""How long a widget must rest before the server is asked."""


class Panel(ipywidgets.VBox):  # type: ignore[misc]
    """A column of widgets that asks the server without blocking the kernel."""

    def __init__(self, children: Iterable[Any] = ()) -> None:
        self.said = ipywidgets.HTML()
        self._timer: threading.Timer | None = None
        self._turn = 0
        super().__init__([*children, self.said])

    def later(self, ask: Callable[[], Callable[[], None]]) -> None:
        """Ask in a moment, unless something changes again before. `ask` waits for the server and
        answers what is to be shown; of several answers only the newest is."""
        self._turn += 1
        turn = self._turn
        if self._timer:
            self._timer.cancel()

        def look() -> None:
            show = ask()
            if turn == self._turn:
                show()

        self._timer = threading.Timer(QUIET_S, self._guarded, [look])
        self._timer.daemon = True
        self._timer.start()

    def begin(self, act: Callable[[], None]) -> threading.Thread:
        """Do it in a thread of its own."""
        thread = threading.Thread(target=self._guarded, args=[act], daemon=True)
        thread.start()
        return thread

    def say(self, message: str, remedy: str = "") -> None:
        """A sentence below everything; empty takes it away."""
        self.said.value = display.problem(message, remedy, "info") if message else ""

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            self.say("")
            act()
        except StudioApiError as error:
            self.said.value = display.problem(error.message, error.remedy)

    def close(self) -> None:
        self._turn += 1  # answers under way are not shown any more
        if self._timer:
            self._timer.cancel()
        super().close()


def options_of(items: Iterable[Any], empty: str) -> list[tuple[str, str | None]]:
    """(name, id) for a dropdown, with a first line that stands for nothing."""
    return [(empty, None), *((item.name, item.id) for item in items)]
