"""Numbers and times as people read them; the same digits as in the sidebar."""

from __future__ import annotations

import math
from datetime import UTC, datetime


def number(value: float | None) -> str:
    """Three significant digits, thousands separated: 12,345 · 0.412 · 2e-4."""
    if value is None or not math.isfinite(value):
        return "–"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) < 1e-3 or abs(value) >= 1e6:
        digits, _, power = f"{value:.2e}".partition("e")
        return f"{digits.rstrip('0').rstrip('.')}e{int(power)}"
    return f"{float(f'{value:.3g}'):,g}"


def size(value: int | None) -> str:
    """Bytes in decimal units."""
    if value is None:
        return "–"
    amount, unit = float(value), 0
    while amount >= 999.5 and unit < 5:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB', 'PB')[unit]}"


def count(value: int | None) -> str:
    """Parameters or rows in few characters: 135M, 7.25B, 100k."""
    if value is None:
        return "–"
    for factor, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= max(factor, 1e4):
            shown = value / factor
            return f"{shown:.0f}{unit}" if shown >= 100 else f"{shown:.3g}{unit}"
    return number(value)


def duration(seconds: float) -> str:
    """Two units at most: 45 s · 4 min · 2 h 10 min · 3 d 4 h."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def ago(moment: datetime | None) -> str:
    """How long since, in one unit: 2 h ago."""
    if moment is None:
        return "–"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    if seconds < 10:
        return "just now"
    return " ".join(duration(seconds).split()[:2]) + " ago"
