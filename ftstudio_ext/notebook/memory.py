"""The memory estimate as a bar in a notebook."""

from __future__ import annotations

from ftstudio_ext.schema.memory import MemoryAnswer, MemoryEstimate

from . import display, formats

WORDS = {"fits": "fits", "tight": "fits barely", "too_large": "will not fit"}
LEVELS = {"fits": "info", "tight": "warning", "too_large": "blocking"}


def memory_bar(answer: MemoryAnswer) -> display.Html:
    """A bar for the device that the run would use: its parts against the free memory, and, where
    it does not fit, what makes it fit."""
    chosen = [one for one in answer.estimates if one.chosen] or answer.estimates[:1]
    return display.Html("".join(_bar(one) for one in chosen))


def _bar(found: MemoryEstimate) -> str:
    largest = sorted(found.parts, key=lambda part: -part.bytes)[:4]
    parts = ", ".join(f"{part.name} {formats.size(part.bytes)}" for part in largest if part.bytes)
    sentence = (
        f"Memory: about {formats.size(found.total_bytes)} of {formats.size(found.free_bytes)} free "
        f"on {found.device_name} ({WORDS[found.verdict]})."
    )
    fixes = "".join(
        display.problem(f"{fix.label}: −{formats.size(fix.saves_bytes)}", fix.note, "info")
        for fix in found.fixes[:3]
    )
    share = found.total_bytes / max(found.free_bytes, 1)
    bar = display.bar(share)
    return display.problem(sentence, parts, LEVELS[found.verdict]) + bar + fixes
