"""A run in a notebook cell, live: followed by a thread that ends with the run."""

from __future__ import annotations

import threading
from typing import Any

import ipywidgets

from ftstudio_ext.schema.jobs import Event

from . import display
from .chart import curves, series_of
from .errors import StudioApiError
from .following import Look, follow, headline, share
from .job import LOSSES, JobHandle, rows_of


class RunView(ipywidgets.VBox):  # type: ignore[misc]
    """State, progress and loss of one job, and the buttons to stop and resume it. It goes on
    through restarts of the server; closing it does not touch the job."""

    def __init__(self, job: JobHandle, interval_s: float = 1.0) -> None:
        self.handle = job
        self._interval_s = interval_s
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self.title = ipywidgets.HTML()
        self.progress = ipywidgets.FloatProgress(
            min=0, max=1, layout=ipywidgets.Layout(width="40em")
        )
        self.words = ipywidgets.HTML()
        self.chart = ipywidgets.HTML()
        self._events: list[Event] = []
        self._position = 0
        self.stop_button = ipywidgets.Button(
            description="Stop and save", tooltip="Stop with a checkpoint to resume from"
        )
        self.resume_button = ipywidgets.Button(
            description="Resume", tooltip="Go on from the newest good checkpoint"
        )
        self.stop_button.on_click(lambda _: self._tell(self.handle.stop))
        self.resume_button.on_click(lambda _: self._tell(self.handle.resume))
        buttons = ipywidgets.HBox([self.stop_button, self.resume_button])
        super().__init__([self.title, self.progress, self.words, self.chart, buttons])
        self._show(Look(job.job))
        self.follow()

    def follow(self) -> None:
        """Follow the job from now on, unless somebody does already."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(
                target=self._follow, name=f"follow {self.handle.name}", daemon=True
            )
            self._thread.start()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait until the job has ended and its last state is shown."""
        if self._thread:
            self._thread.join(timeout_s)

    def close(self) -> None:
        self._closed.set()
        super().close()

    def _follow(self) -> None:
        try:
            for look in follow(self.handle, interval_s=self._interval_s, pause=self._closed.wait):
                if self._closed.is_set():
                    return
                self._show(look)
                self._draw(look)
        except StudioApiError as error:
            self._say(error)

    def _draw(self, look: Look) -> None:
        """The loss curve, anew whenever the run has come further; of training runs only."""
        if look.away or look.job.type != "train":
            return
        new, self._position = self.handle.events_after(self._position)
        self._events += [event for event in new if event.kind in ("metric", "resumed")]
        if new or not self.chart.value:
            self.chart.value = curves(series_of(rows_of(self._events), LOSSES))

    def _tell(self, action: Any) -> None:
        """Carry out a button's wish in a thread, so that the kernel stays free."""

        def act() -> None:
            try:
                action()
                self._show(Look(self.handle.job))
                self.follow()
            except StudioApiError as error:
                self._say(error)

        threading.Thread(target=act, daemon=True).start()

    def _say(self, error: StudioApiError) -> None:
        self.words.value = display.problem(error.message, error.remedy)

    def _show(self, look: Look) -> None:
        job = look.job
        self.title.value = display.Html(f"{display.strong(job.name)} {display.state(job.state)}")
        self.progress.value = share(job)
        self.progress.bar_style = {
            "succeeded": "success",
            "failed": "danger",
            "lost": "warning",
        }.get(job.state, "" if look.away else "info")
        self.words.value = _words(look)
        ended = look.ended
        self.stop_button.disabled = ended or job.state == "stopping"
        self.stop_button.layout.display = "none" if ended else ""
        self.resume_button.layout.display = "" if ended and job.can_resume else "none"


def _words(look: Look) -> display.Html:
    job, progress = look.job, look.job.progress
    parts = [headline(look)] if not look.ended else [job.reason or ""]
    if progress and progress.total_steps:
        parts.insert(0, f"step {progress.step:,} of {progress.total_steps:,}")
    text = display.html(" · ".join(filter(None, parts)))
    if job.error:
        text = display.Html(text + display.problem(job.error.message, job.error.remedy))
    return text
