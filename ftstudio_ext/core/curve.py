"""The points of a run that still count, after it was resumed."""

from __future__ import annotations

from collections.abc import Iterable

from ftstudio_ext.schema.jobs import Event


def curve(events: Iterable[Event]) -> list[Event]:
    """The events without those that a later attempt took back.

    An attempt that resumed from step `s` (`resumed {from_step: s}`) runs every step beyond `s`
    again, so points of earlier attempts beyond `s` are dropped. An attempt that does not say
    where it began takes back everything from its own first metric on. Order is kept; events
    without a step always stay.
    """
    kept = list(events)
    limits = _limits(kept)
    return [event for event in kept if not _taken_back(event, limits)]


def _limits(events: list[Event]) -> dict[int, int]:
    """Attempt → the last step of earlier attempts that it leaves standing."""
    limits: dict[int, int] = {}
    said: set[int] = set()
    for event in events:
        if event.kind == "resumed" and event.from_step is not None:
            limits[event.attempt] = event.from_step
            said.add(event.attempt)
        elif event.kind == "metric" and event.step is not None and event.attempt not in said:
            first = limits.get(event.attempt, event.step - 1)
            limits[event.attempt] = min(first, event.step - 1)
    return limits


def _taken_back(event: Event, limits: dict[int, int]) -> bool:
    step = event.step
    if step is None:
        return False
    return any(attempt > event.attempt and step > last for attempt, last in limits.items())
