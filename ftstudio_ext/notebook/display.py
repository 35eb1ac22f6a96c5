"""HTML of objects in a notebook: small cards and tables in JupyterLab's own colours, which change
with the theme; outside of Lab the fall-backs inherit the page's. Everything is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from . import formats

SOFT = "var(--jp-ui-font-color2, #777)"
LINE = "var(--jp-border-color2, rgba(128, 128, 128, 0.35))"
MONO = "font-family: var(--jp-code-font-family, monospace)"

STATE_COLOURS = {
    "queued": SOFT,
    "held": SOFT,
    "starting": "var(--jp-info-color1, #1976d2)",
    "running": "var(--jp-info-color1, #1976d2)",
    "stopping": "var(--jp-info-color1, #1976d2)",
    "importing": "var(--jp-info-color1, #1976d2)",
    "succeeded": "var(--jp-success-color1, #388e3c)",
    "ready": "var(--jp-success-color1, #388e3c)",
    "stopped": SOFT,
    "failed": "var(--jp-error-color1, #d32f2f)",
    "blocking": "var(--jp-error-color1, #d32f2f)",
    "warning": "var(--jp-warn-color1, #f57c00)",
    "info": "var(--jp-info-color1, #1976d2)",
    "lost": "var(--jp-warn-color1, #f57c00)",
}


class Html(str):
    """Text that is HTML already."""


def html(value: object) -> Html:
    """Any value as HTML: times relative with the exact value on hover, None as a dash."""
    if isinstance(value, Html):
        return value
    if isinstance(value, datetime):
        return Html(f'<span title="{value:%Y-%m-%d %H:%M:%S} UTC">{formats.ago(value)}</span>')
    return Html("–" if value is None else escape(str(value)))


def card(title: object, facts: Iterable[tuple[str, object]], *, note: object = "") -> Html:
    """A bordered box: a title, rows of name and value, and something below."""
    rows = "".join(
        f'<span style="color: {SOFT}">{html(name)}</span><span>{html(value)}</span>'
        for name, value in facts
    )
    return Html(
        f'<div style="border: 1px solid {LINE}; border-radius: 3px; padding: 8px 12px; '
        f'max-width: 46em; color: inherit"><div style="font-weight: 600; margin-bottom: 4px">'
        f'{html(title)}</div><div style="display: grid; grid-template-columns: max-content 1fr; '
        f'column-gap: 14px; row-gap: 2px; overflow-wrap: anywhere">{rows}</div>'
        f"{html(note) if note else ''}</div>"
    )


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str = "") -> Html:
    """A plain table; numbers are up to the caller."""
    cell = "padding: 2px 12px 2px 0; text-align: left; vertical-align: top"
    head = "".join(
        f'<th style="{cell}; color: {SOFT}; font-weight: normal">{html(h)}</th>' for h in headers
    )
    body = "".join(
        "<tr>" + "".join(f'<td style="{cell}">{html(value)}</td>' for value in row) + "</tr>"
        for row in rows
    )
    under = f'<div style="color: {SOFT}; padding-top: 4px">{html(caption)}</div>' if caption else ""
    return Html(
        f'<table style="border-collapse: collapse"><thead style="border-bottom: 1px solid {LINE}">'
        f"<tr>{head}</tr></thead><tbody>{body}</tbody></table>{under}"
    )


def state(word: str) -> Html:
    """A state with its dot, in the colours of the sidebar."""
    colour = STATE_COLOURS.get(word, SOFT)
    return Html(f'<span style="color: {colour}" aria-hidden="true">●</span> {escape(word)}')


def strong(text: object) -> Html:
    return Html(f"<b>{html(text)}</b>")


def soft(text: object) -> Html:
    return Html(f'<span style="color: {SOFT}">{html(text)}</span>')


def code(text: str, *, lines: int = 20) -> Html:
    """Text as it was written, with its line breaks."""
    return Html(
        f'<pre style="margin: 2px 0; padding: 4px 8px; white-space: pre-wrap; {MONO}; '
        f"max-height: {lines * 1.5}em; overflow: auto; border-left: 2px solid {LINE}; "
        f'background: transparent; color: inherit">{escape(text)}</pre>'
    )


def problem(message: str, remedy: str | None = None, level: str = "blocking") -> Html:
    """Something that went wrong, or may, and what to do."""
    after = f" {soft(remedy)}" if remedy else ""
    return Html(
        f'<div style="margin-top: 4px"><span style="color: {STATE_COLOURS.get(level, SOFT)}" '
        f'aria-hidden="true">▌</span>{html(message)}{after}</div>'
    )


def bar(share: float) -> Html:
    """A thin bar, filled from 0 to 1."""
    percent = max(0.0, min(1.0, share)) * 100
    return Html(
        f'<div style="height: 4px; border-radius: 2px; background: {LINE}; margin: 6px 0">'
        f'<div style="width: {percent:.1f}%; height: 100%; border-radius: 2px; '
        f'background: var(--jp-brand-color1, #1976d2)"></div></div>'
    )


def sparkline(values: Sequence[float], *, width: int = 160, height: int = 28) -> Html:
    """A small curve in the colour of the text around it."""
    finite = [value for value in values if value == value and abs(value) != float("inf")]
    if len(finite) < 2:
        return Html("")
    low, high = min(finite), max(finite)
    span = (high - low) or 1.0
    points = " ".join(
        f"{index * (width - 2) / (len(finite) - 1) + 1:.1f},"
        f"{(high - value) / span * (height - 4) + 2:.1f}"
        for index, value in enumerate(finite)
    )
    words = f"Loss from {formats.number(finite[0])} to {formats.number(finite[-1])}"
    return Html(
        f'<svg width="{width}" height="{height}" role="img" aria-label="{escape(words)}">'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
    )
