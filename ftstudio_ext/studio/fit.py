"""Whether a model's weights fit into the memory that is free now, for badges in lists. The
preflight of a run counts everything; this is a first look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftstudio_ext.schema.models import FitVerdict, MemoryBytes, ModelFit
from ftstudio_ext.schema.status import Device

if TYPE_CHECKING:
    from .studio import Studio

WORK_BYTES = 512 << 20
"""What training takes beside the weights at least: activations, adapter, optimizer."""
WORK_SHARE = 0.2
"""And in proportion to the weights."""


def largest_free(studio: Studio) -> Device | None:
    """The device with the most free memory; a GPU before the CPU. Blocks for a moment."""
    devices = studio.launcher.resources()
    gpus = [device for device in devices if device.kind == "cuda"]
    return max(gpus or devices, key=lambda device: device.memory_free_bytes, default=None)


def fit_of(memory: MemoryBytes | None, device: Device | None) -> ModelFit | None:
    """The verdict for each precision; None where sizes or devices are unknown."""
    if memory is None or device is None:
        return None
    free = device.memory_free_bytes
    return ModelFit(
        device=device.name,
        free_bytes=free,
        bits4=_verdict(memory.bits4, free),
        bits8=_verdict(memory.bits8, free),
        bits16=_verdict(memory.bits16, free),
    )


def _verdict(weights: int, free: int) -> FitVerdict:
    if weights * (1 + WORK_SHARE) + WORK_BYTES <= free:
        return "fits"
    return "tight" if weights * 1.05 <= free else "too_large"
