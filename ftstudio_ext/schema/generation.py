"""How a model writes."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .common import StudioModel, ui


class GenerationSettings(StudioModel):
    """Fields as in transformers' GenerationConfig; temperature 0 is greedy."""

    max_new_tokens: int = Field(
        256, ge=1, le=65_536, title="Max new tokens", json_schema_extra=ui(unit="tokens")
    )
    temperature: float = Field(
        0.0, ge=0, le=5, title="Temperature", description="0 always takes the likeliest token."
    )
    top_p: float = Field(1.0, gt=0, le=1, title="Top p")
    top_k: int = Field(0, ge=0, title="Top k", description="0 keeps all tokens.")
    repetition_penalty: float = Field(1.0, gt=0, le=5, title="Repetition penalty")
    seed: int = Field(42, ge=0, lt=2**32, title="Seed")
    advanced: dict[str, Any] = Field(
        {},
        title="More GenerationConfig fields",
        json_schema_extra=ui(advanced=True, widget="json"),
    )
