"""Base models: what an adapter is trained on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .common import Name, Record, StoredModel, StudioModel, ui


class DirectoryModelSource(StudioModel):
    """A folder in Hugging Face format (config.json, safetensors, tokenizer)."""

    source: Literal["directory"] = "directory"
    path: str = Field(
        description="A folder below the server's root directory.",
        json_schema_extra=ui(widget="path"),
    )


class HubModelSource(StudioModel):
    """A model of the Hugging Face hub, pinned to a revision once it is resolved."""

    source: Literal["hub"] = "hub"
    repo_id: str = Field(
        pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?$",
        examples=["HuggingFaceTB/SmolLM2-135M-Instruct"],
    )
    revision: str | None = Field(None, description="Branch, tag or commit; main when absent.")


ModelSource = Annotated[DirectoryModelSource | HubModelSource, Field(discriminator="source")]


class BaseModelCreate(StudioModel):
    """Import a base model."""

    name: Name | None = Field(None, description="Taken from the source when absent.")
    source: ModelSource
    request_id: str | None = Field(None, max_length=128)


class MemoryBytes(StoredModel):
    """Bytes of the weights in memory when they are loaded in 4, 8 or 16 bits. The linear layers
    are quantized; embeddings, norms and the output layer stay in 16 bits."""

    bits4: int
    bits8: int
    bits16: int
    exact: bool = Field(False, description="Counted tensor by tensor, not estimated.")


FitVerdict = Literal["fits", "tight", "too_large"]


class ModelFit(StoredModel):
    """Whether the weights and the work of training fit into the free memory of the best device."""

    device: str = Field(description="Its name.")
    free_bytes: int
    bits4: FitVerdict
    bits8: FitVerdict
    bits16: FitVerdict


class ModelFacts(StoredModel):
    """Read from config.json, the safetensors headers and the tokenizer files; absent = unknown."""

    architecture: str | None = None
    model_type: str | None = None
    parameters: int | None = None
    context_length: int | None = Field(None, description="Tokens.")
    dtype: str | None = None
    vocab_size: int | None = None
    hidden_size: int | None = None
    layers: int | None = None
    pad_token: str | None = None
    bos_token: str | None = None
    eos_token: str | None = None
    chat_template: bool = False
    quantized: str | None = Field(None, description="Quantization already applied, if any.")
    size_bytes: int | None = Field(None, description="Size on disk of the weights.")
    licence: str | None = Field(None, description="As its card or licence file names it.")
    unk_token: str | None = None
    special_tokens: list[str] = Field([], description="All of them, by name, the first 50.")
    memory: MemoryBytes | None = None
    pad_note: str | None = Field(
        None, description="How a model without a token for padding is trained here."
    )


class BaseModelRecord(Record):
    """A base model known to the studio."""

    source: ModelSource
    path: str | None = Field(None, description="Absolute folder, for a local model.")
    source_revision: str | None = Field(None, description="The hub commit, for a hub model.")
    facts: ModelFacts = ModelFacts()
    fit: ModelFit | None = Field(None, description="Against the memory that is free now.")


class BaseModelPatch(StudioModel):
    """What people may change about a base model."""

    name: Name | None = None
