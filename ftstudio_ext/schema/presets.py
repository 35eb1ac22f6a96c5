"""Presets: named settings that fill a form."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .common import Name, Record, StudioModel

PresetKind = Literal["lora", "quantization", "training", "generation"]


class PresetCreate(StudioModel):
    """Save settings under a name; `config` is checked by the model of its kind."""

    name: Name
    kind: PresetKind
    description: str = Field("", max_length=1000)
    config: dict[str, Any] = {}


class PresetPatch(StudioModel):
    """What people may change about a preset."""

    name: Name | None = None
    description: str | None = Field(None, max_length=1000)
    config: dict[str, Any] | None = None


class Preset(Record):
    """Named settings of one kind; the built-in ones cannot be changed."""

    kind: PresetKind
    description: str = ""
    config: dict[str, Any] = {}
    builtin: bool = False
