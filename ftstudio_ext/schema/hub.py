"""What the Hugging Face hub says: search results, what a repository holds, the token."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from .common import StoredModel, StudioModel, Timestamp
from .datasets import Column
from .models import MemoryBytes, ModelFacts, ModelFit

Access = Literal["granted", "needs_token", "needs_licence"]
Gated = Literal["auto", "manual"]


class HubRepo(StoredModel):
    """A repository in a list."""

    id: str = Field(description="owner/name")
    downloads: int | None = Field(None, description="In the last 30 days.")
    likes: int | None = None
    gated: Gated | None = Field(
        None, description="Its authors ask for consent first, and answer at once or by hand."
    )
    private: bool = False
    updated_at: Timestamp | None = None
    description: str | None = None
    licence: str | None = None
    tags: list[str] = []


class HubDataset(HubRepo):
    """A dataset in a list."""

    rows: int | None = None
    size_bytes: int | None = Field(None, description="To download, where its card tells.")
    size_category: str | None = Field(None, description="For example 10K<n<100K rows.")


class HubModel(HubRepo):
    """A model in a list."""

    parameters: int | None = None
    dtype: str | None = None
    model_type: str | None = None
    quantized: str | None = Field(None, description="Quantization already applied, if any.")
    memory: MemoryBytes | None = Field(None, description="Estimated from the parameters alone.")
    fit: ModelFit | None = None


class HubDatasetPage(StoredModel):
    """Search results; ask again with `cursor=next` for more."""

    items: list[HubDataset]
    next: str | None = None


class HubModelPage(StoredModel):
    """Search results; ask again with `cursor=next` for more."""

    items: list[HubModel]
    next: str | None = None


class HubSplit(StoredModel):
    """A split of a subset."""

    name: str
    rows: int | None = None
    bytes: int | None = None


class HubConfig(StoredModel):
    """A subset ("config") of a dataset."""

    name: str
    default: bool = False
    splits: list[HubSplit] = []
    columns: list[Column] = []
    rows: int | None = None
    download_bytes: int | None = None


class HubDatasetInfo(HubDataset):
    """One dataset of the hub, before it is imported."""

    commit: str
    access: Access
    access_note: str | None = Field(None, description="What to do to get access.")
    url: str
    configs: list[HubConfig] = []


class HubModelInfo(HubModel):
    """One model of the hub, before it is imported."""

    commit: str
    access: Access
    access_note: str | None = Field(None, description="What to do to get access.")
    url: str
    facts: ModelFacts | None = Field(None, description="Absent where access is missing.")
    problem: str | None = Field(None, description="Why it cannot be trained on, if so.")


class HubToken(StoredModel):
    """The state of the server's hub token; never the token itself."""

    state: Literal["absent", "present", "valid", "rejected", "unreachable"] = Field(
        description="`present` means not tested."
    )
    user: str | None = Field(None, description="Whose it is, once tested.")
    source: Literal["environment", "file"] | None = None
    message: str | None = Field(None, description="What the test said, and what to do.")


class HubTokenPut(StudioModel):
    """Test a token, and keep it in the hub library's own place if it is good."""

    token: SecretStr  # checked by what uses it: errors of fields quote the value
