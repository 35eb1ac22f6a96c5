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


class BaseModelRecord(Record):
    """A base model known to the studio."""

    source: ModelSource
    path: str | None = Field(None, description="Absolute folder, for a local model.")
    source_revision: str | None = Field(None, description="The hub commit, for a hub model.")
    facts: ModelFacts = ModelFacts()


class BaseModelPatch(StudioModel):
    """What people may change about a base model."""

    name: Name | None = None
