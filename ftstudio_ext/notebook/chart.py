"""A run's curves as a picture in a notebook: SVG in the colours of the page, no front end needed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import formats
from .display import LINE, SOFT, Html, html

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 10, 24
TICKS = 4
_TICKS = range(TICKS + 1)
MOST_POINTS = 600
COLOURS = (
    "var(--jp-brand-color1, #1976d2)",
    "var(--jp-warn-color1, #f57c00)",
    "var(--jp-success-color1, #388e3c)",
    "var(--jp-error-color1, #d32f2f)",
)

Points = Sequence[tuple[float, float]]


class Chart:
    """Curves over the global step; shows itself in a notebook."""

    def __init__(self, series: Mapping[str, Points]) -> None:
        self.series = {name: points for name, points in series.items() if points}

    def __repr__(self) -> str:
        words = [f"{name}: {_course(points)}" for name, points in self.series.items()]
        return f"<Chart {'; '.join(words) or 'without points'}>"

    def _repr_html_(self) -> str:
        return curves(self.series)


def series_of(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> dict[str, Points]:
    """{name: (step, value) of every row that has it}, from `JobHandle.metrics(frame=False)`."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for row in rows:
        for name in names:
            value = row.get(name)
            if value is not None and math.isfinite(value) and row.get("step") is not None:
                found[name].append((row["step"], value))
    return {name: points for name, points in found.items() if points}


def curves(series: Mapping[str, Points]) -> Html:
    """The picture; a sentence where there is nothing to draw yet."""
    series = {name: _thinned(points) for name, points in series.items() if points}
    if not series:
        return Html(f'<div style="color: {SOFT}">No numbers yet.</div>')
    every = [point for points in series.values() for point in points]
    steps = [x for x, _ in every]
    across = (min(steps), max(max(steps), min(steps) + 1))
    up = _range([y for _, y in every])
    lines = "".join(
        _line(points, across, up, COLOURS[place % len(COLOURS)])
        for place, points in enumerate(series.values())
    )
    words = "; ".join(f"{name}: {_course(points)}" for name, points in series.items())
    return Html(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html(words)}" '
        f'style="width: 100%; max-width: {WIDTH}px; color: inherit" font-size="11">'
        f"{_axes(across, up)}{lines}</svg>{_legend(series)}"
    )


def _course(points: Points) -> str:
    return f"{formats.number(points[0][1])} to {formats.number(points[-1][1])}"


def _thinned(points: Points) -> Points:
    """Every n-th point and the last: more than the pixels show nothing."""
    step = math.ceil(len(points) / MOST_POINTS)
    return [*points[:-1:step], points[-1]] if step > 1 else points


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or abs(high) * 0.05 or 0.5
    return low - room, high + room


def _x(value: float, across: tuple[float, float]) -> float:
    return LEFT + (value - across[0]) / (across[1] - across[0]) * (WIDTH - LEFT - RIGHT)


def _y(value: float, up: tuple[float, float]) -> float:
    return TOP + (up[1] - value) / (up[1] - up[0]) * (HEIGHT - TOP - BOTTOM)


def _line(points: Points, across: tuple[float, float], up: tuple[float, float], colour: str) -> str:
    places = [(f"{_x(x, across):.1f}", f"{_y(y, up):.1f}") for x, y in points]
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour}"/>'
        for x, y in (places if len(places) <= 20 else places[-1:])
    )
    joined = " ".join(f"{x},{y}" for x, y in places)
    return (
        f'<polyline points="{joined}" fill="none" style="stroke: {colour}" stroke-width="1.5"/>'
        f'<g style="fill: {colour}">{dots}</g>'
    )


def _axes(across: tuple[float, float], up: tuple[float, float]) -> str:
    """Lines and numbers at even distances, and what runs along the bottom."""
    parts = []
    for tick in _TICKS:
        value = up[0] + tick / TICKS * (up[1] - up[0])
        y = _y(value, up)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            f'style="stroke: {LINE}" stroke-width="0.5"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" style="fill: {SOFT}">'
            f"{formats.number(value)}</text>"
        )
    for step in sorted({round(across[0] + n / TICKS * (across[1] - across[0])) for n in _TICKS}):
        parts.append(
            f'<text x="{_x(step, across):.1f}" y="{HEIGHT - 6}" text-anchor="middle" '
            f'style="fill: {SOFT}">{"step " if step == across[0] else ""}{step:,}</text>'
        )
    return "".join(parts)


def _legend(series: Mapping[str, Points]) -> str:
    entries = "".join(
        f'<span style="margin-right: 16px"><span style="color: {COLOURS[place % len(COLOURS)]}" '
        f'aria-hidden="true">━</span> {html(name)} {html(formats.number(points[-1][1]))}</span>'
        for place, (name, points) in enumerate(series.items())
    )
    return f'<div style="color: {SOFT}">{entries}</div>'
