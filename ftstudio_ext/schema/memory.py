"""Memory of a training run, part by part, before it is launched."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .common import StoredModel

PartName = Literal[
    "weights",
    "adapter",
    "gradients",
    "optimizer",
    "activations",
    "loss",
    "temporary",
    "framework",
]
Verdict = Literal["fits", "tight", "too_large"]


class MemoryProfile(StoredModel):
    """What a model and its LoRA layers take, measured by a dry run without weights."""

    layers: int
    hidden_size: int
    vocab_size: int
    linear_parameters: int = Field(description="In linear layers, which are quantized.")
    other_parameters: int = Field(
        description="Embeddings, norms, output layer: kept in 16 bits. Tied ones count once."
    )
    largest_linear: int = Field(description="Parameters of the largest linear layer.")
    trainable_parameters: int
    layer_bytes: int = Field(
        description="Bytes that one layer keeps for the backward pass, for each token."
    )
    first_layer_bytes: int = Field(
        description="The same for the first layer, with what lies before and after all layers."
    )


class MemoryPart(StoredModel):
    """One part of the estimate."""

    name: PartName
    bytes: int


class MemoryFix(StoredModel):
    """A change of the form that takes less memory."""

    label: str
    changes: dict[str, Any] = Field(description="Fields of the specification, as `a.b`.")
    note: str = Field(description="What it costs.")
    saves_bytes: int
    total_bytes: int
    verdict: Verdict


class MemoryEstimate(StoredModel):
    """The peak of one training step on one device."""

    device: str
    device_name: str
    kind: Literal["cpu", "cuda"]
    chosen: bool = Field(description="Whether the run would use this device.")
    parts: list[MemoryPart]
    total_bytes: int
    free_bytes: int
    verdict: Verdict
    calibrated: bool = Field(
        False, description="Whether a run of this model on this device has confirmed it."
    )
    fixes: list[MemoryFix] = Field([], description="What makes it fit, the cheapest first.")


class MemoryAnswer(StoredModel):
    """The answer of `POST training/memory`."""

    length: int = Field(description="Tokens of the longest row that is reckoned with.")
    per_device_batch_size: int
    trainable_parameters: int
    parameters: int
    estimates: list[MemoryEstimate]
