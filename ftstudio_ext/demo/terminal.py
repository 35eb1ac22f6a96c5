"""What the demo shows in a terminal: steps with their times, live progress, the table."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_BARS = "▁▂▃▄▅▆▇█"
SAY_EVERY_S = 10.0
"""Between progress lines where the output is no terminal."""


class Terminal:
    """Writes to standard output; live lines are overwritten where that is a terminal."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._said_at = 0.0
        self._open_line = False
        self.times: dict[str, float] = {}

    def say(self, text: str = "") -> None:
        self._close_line()
        print(text, flush=True)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A titled step; its time is printed and kept."""
        self.say(f"\n▸ {title}")
        started = time.monotonic()
        yield
        self.times[title] = time.monotonic() - started
        self.say(f"  {self.times[title]:.1f} s")

    def progress(self, text: str, force: bool = False) -> None:
        """A line that replaces the last one."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r  {text}"[:width].ljust(width), end="", flush=True)
            self._open_line = True
        elif force or time.monotonic() - self._said_at >= SAY_EVERY_S:
            self._said_at = time.monotonic()
            print(f"  {text}", flush=True)

    def _close_line(self) -> None:
        if self._open_line:
            print(flush=True)
            self._open_line = False


def progress_text(job: dict[str, Any]) -> str:
    """A job in one line: phase, steps, loss with its curve, time left."""
    progress = job.get("progress") or {}
    parts = [progress.get("phase") or job["state"]]
    step, total = progress.get("step") or 0, progress.get("total_steps")
    if total:
        done = round(20 * step / total)
        parts.append(f"{'█' * done}{'░' * (20 - done)} {step}/{total}")
    if progress.get("loss") is not None:
        parts.append(f"loss {progress['loss']:.3f} {sparkline(progress.get('sparkline') or [])}")
    if progress.get("eta_s") is not None and progress["eta_s"] >= 1:
        parts.append(f"{progress['eta_s']:.0f} s left")
    return "  ".join(parts)


def sparkline(values: list[float]) -> str:
    """The values as a row of small bars."""
    if not values:
        return ""
    low, high = min(values), max(values)
    scale = (len(_BARS) - 1) / ((high - low) or 1)
    return "".join(_BARS[round((value - low) * scale)] for value in values)


def table(metrics: dict[str, Any], split_names: dict[str, str]) -> list[str]:
    """The scores as aligned lines."""
    head = ("model", "phrasings", "rows", "right result", "same SQL", "stops itself", "seconds")
    rows = [
        (
            score["label"],
            split_names.get(score["split"], score["split"]),
            str(score["rows"]),
            _rate(score, "execution_accuracy"),
            _rate(score, "exact_match"),
            _rate(score, "stopped"),
            f"{score['seconds']:.1f}",
        )
        for score in metrics["scores"]
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(r, widths, strict=True)) for r in [head, *rows]
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return [line.rstrip() for line in lines]


def _rate(score: dict[str, Any], metric: str) -> str:
    rate = score["metrics"].get(metric)
    if rate is None or rate["value"] is None:
        return "–"
    return f"{rate['value']:4.0%} [{rate['low']:.0%}–{rate['high']:.0%}]"
