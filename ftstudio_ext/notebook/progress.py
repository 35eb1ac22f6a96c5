"""The progress bar of a cell that waits."""

from __future__ import annotations

from typing import Any

from .following import Look, headline

LAYOUT = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"


class Bar:
    """tqdm's bar: a widget in a notebook, a line of text in a terminal. Times come from the job,
    which knows them better than somebody who looks in once a second."""

    def __init__(self, name: str) -> None:
        from tqdm.auto import tqdm

        self._bar: Any = tqdm(total=None, desc=name, bar_format=LAYOUT, leave=True)

    def show(self, look: Look) -> None:
        progress = look.job.progress
        if progress and progress.total_steps:
            if self._bar.total != progress.total_steps:
                self._bar.reset(total=progress.total_steps)
            self._bar.n = progress.step
        self._bar.set_postfix_str(headline(look), refresh=False)
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()
