"""A job in a notebook: its state, its numbers, and what one can tell it."""

from __future__ import annotations

import contextlib
import importlib.util
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.curve import curve
from ftstudio_ext.schema.code import CodeFormat
from ftstudio_ext.schema.jobs import FINAL_STATES, Event, EventsPage, JobDetail, LogPage

from . import display, formats
from .chart import Chart, series_of
from .code import CodeText
from .errors import JobFailed, StudioApiError, WaitInterrupted
from .following import Look, follow, headline, share
from .objects import Adapter
from .tables import Text

if TYPE_CHECKING:
    from .client import Studio
    from .runview import RunView

FOREVER = float("inf")
LOSSES = ("loss", "eval_loss")


class JobHandle:
    """A job. It runs in a process of its own: closing the notebook does not end it."""

    def __init__(self, studio: Studio, job: JobDetail) -> None:
        self._studio = studio
        self.job = job

    # --- what it is ----------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """What the API calls it."""
        return self.job.id

    @property
    def name(self) -> str:
        """What people call it."""
        return self.job.name

    @property
    def spec(self) -> dict[str, Any]:
        """The specification as the job runs it, with all defaults filled in."""
        return self.job.spec

    @property
    def state(self) -> str:
        """queued, held, starting, running, stopping, succeeded, failed, stopped or lost; as of
        now."""
        return self.refresh().job.state

    def refresh(self) -> JobHandle:
        """Look at the job again."""
        answer = self._studio.connection.get("jobs", self.id, no_track_activity=1)
        self.job = JobDetail.model_validate(answer)
        return self

    # --- waiting -------------------------------------------------------------------------------

    def wait(
        self, progress: bool = True, timeout_s: float | None = None, check: bool = True
    ) -> JobHandle:
        """Wait for the end, with a progress bar, through restarts of the server.

        An interrupt (■ in the toolbar) ends the waiting, never the job. A job that fails or
        vanishes raises JobFailed, unless `check` is False.
        """
        from .progress import Bar

        deadline = time.monotonic() + (FOREVER if timeout_s is None else timeout_s)
        bar = Bar(self.name) if progress else None
        try:
            for look in follow(self):
                if bar:
                    bar.show(look)
                if not look.ended and time.monotonic() >= deadline:
                    raise self._out_of_time(timeout_s or 0)
        except KeyboardInterrupt:
            raise WaitInterrupted(
                f"Stopped waiting. The run “{self.name}” goes on: job.wait() waits again, "
                "job.stop() stops it."
            ) from None
        finally:
            if bar:
                bar.close()
        if check:
            self._check()
        return self

    def _check(self) -> None:
        if self.job.state not in ("failed", "lost"):
            return
        error = self.job.error
        message = error.message if error else self.job.reason
        raise JobFailed(
            f"The job “{self.name}” has failed: {message or 'see its log'}"
            if self.job.state == "failed"
            else f"The process of “{self.name}” has vanished. {message or ''}".rstrip(),
            code=error.code if error else "job_failed",
            field=error.field if error else None,
            remedy=(error.remedy if error else None) or self._next_step(),
        )

    def _next_step(self) -> str:
        if self.job.can_resume:
            return f"job.resume() goes on from step {self.job.resume_step or 0}."
        return "job.log() has the last lines it wrote."

    def _out_of_time(self, timeout_s: float) -> StudioApiError:
        return StudioApiError(
            f"“{self.name}” has not ended within {formats.duration(timeout_s)}; it goes on.",
            code="timeout",
            remedy="Wait again, or stop it with job.stop().",
        )

    # --- telling it ----------------------------------------------------------------------------

    def stop(self, save: bool = True) -> JobHandle:
        """Stop after the running step with a checkpoint to resume from, or at once."""
        return self._told("stop", {"save": save})

    def resume(self) -> JobHandle:
        """Go on from the newest good checkpoint."""
        return self._told("resume", {})

    def delete(self) -> None:
        """Delete an ended job's run directory; its adapter stays."""
        self._studio.jobs.delete(self)

    def _told(self, verb: str, body: dict[str, Any]) -> JobHandle:
        answer = self._studio.connection.post("jobs", self.id, verb, body=body)
        self.job = JobDetail.model_validate(answer)
        return self

    # --- what it says --------------------------------------------------------------------------

    def events(self, kind: str | None = None) -> list[Event]:
        """All that the job has reported so far: metric, phase, checkpoint, sample, warning,
        resumed, result."""
        found, _ = self.events_after(0)
        return [event for event in found if kind is None or event.kind == kind]

    def events_after(self, position: int) -> tuple[list[Event], int]:
        """What the job has reported since a position (0: all of it), and the next position."""
        found: list[Event] = []
        more = True
        while more:
            answer = self._studio.connection.get(
                "jobs", self.id, "events", after=position, no_track_activity=1
            )
            page = EventsPage.model_validate(answer)
            found += page.events
            position, more = page.position, page.more
        return found, position

    def metrics(self, frame: bool | None = None) -> Any:
        """The run's numbers, a row a step, without those that a resumed attempt took back: a
        pandas DataFrame where pandas is installed, else (or with `frame=False`) a list of dicts."""
        found = rows_of(self.events())
        if frame is None:
            frame = importlib.util.find_spec("pandas") is not None
        if not frame:
            return found
        import pandas

        return pandas.DataFrame(found)

    def plot(self, *names: str) -> Chart:
        """The curves of these numbers over the global step, `loss` and `eval_loss` when none is
        named; `metrics()` has them all."""
        return Chart(series_of(self.metrics(frame=False), names or LOSSES))

    def watch(self) -> RunView:
        """The run in this cell, live: state, progress, loss curve, and buttons to stop and resume
        it. The kernel stays free, and the run goes on without it."""
        from .runview import RunView

        return RunView(self)

    def samples(self) -> list[Event]:
        """What the model wrote on fixed rows at each evaluation."""
        return [event for event in curve(self.events()) if event.kind == "sample"]

    def log(self, tail: int = 100) -> Text:
        """The last lines of what its processes wrote."""
        answer = self._studio.connection.get("jobs", self.id, "log", tail=tail)
        return Text(LogPage.model_validate(answer).text)

    def code(self, format: CodeFormat = "client") -> CodeText:
        """The same job once more, as code: `client` (a call), `magic` (a cell), `yaml` (for
        `ftstudio run`), `script` (stock libraries alone, nothing of the studio), `notebook`."""
        answer = self._studio.connection.get("jobs", self.id, "code", format=format)
        return CodeText.of(answer)

    def adapter(self) -> Adapter:
        """What the training run has made."""
        self.refresh()
        if self.job.type != "train" or self.job.state != "succeeded" or not self.job.adapter_id:
            raise StudioApiError(
                f"“{self.name}” has made no adapter (it is {self.job.state}).",
                code="no_adapter",
                remedy="Wait for its end with job.wait()."
                if self.job.state in ("queued", "held", "starting", "running")
                else self._next_step(),
            )
        return self._studio.adapters[self.job.adapter_id]

    # --- how it looks --------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<Job {self.name!r}: {headline(Look(self.job))}>"

    def _repr_html_(self) -> str:
        with contextlib.suppress(StudioApiError):  # the last known truth is better than none
            self.refresh()
        return job_card(self.job)


def rows_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The numbers among a job's events, a row a step, as the curve stands."""
    rows: dict[tuple[int | None, int], dict[str, Any]] = {}
    for place, event in enumerate(curve(events)):
        if event.kind == "metric":
            key = (event.step, place if event.step is None else 0)
            row = rows.setdefault(key, {"step": event.step, "epoch": event.epoch})
            row.update(event.values or {})
    return list(rows.values())


def job_card(job: JobDetail) -> display.Html:
    """A job as it stands."""
    progress = job.progress
    facts: list[tuple[str, object]] = [("State", display.state(job.state))]
    if job.state not in FINAL_STATES and headline(Look(job)) != job.state:
        facts.append(("Now", headline(Look(job))))
    if progress and progress.total_steps:
        facts.append(("Step", f"{progress.step:,} of {progress.total_steps:,}"))
    if progress and progress.sparkline:
        loss = display.Html(
            display.sparkline(progress.sparkline) + display.html(formats.number(progress.loss))
        )
        facts.append(("Loss", loss))
    facts += [("Base model", job.base_model), ("Dataset", job.dataset), ("Prompt", job.prompt)]
    facts.append(("Submitted", job.created_at))
    note = display.bar(share(job)) if job.state not in ("queued", "held") else display.Html("")
    if job.error:
        note = display.Html(note + display.problem(job.error.message, job.error.remedy))
    return display.card(job.name, [fact for fact in facts if fact[1] is not None], note=note)
