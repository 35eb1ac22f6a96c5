"""What the server says of itself and of the machine it stands on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import StoredModel
from .errors import ErrorInfo


class Device(StoredModel):
    """A place to train on."""

    id: str = Field(description="`cpu`, or the GPU's UUID.")
    kind: Literal["cpu", "cuda"]
    name: str
    memory_total_bytes: int
    memory_free_bytes: int


class Interpreter(StoredModel):
    """The Python that jobs run in, and what it has of the training stack."""

    python: str
    label: str | None = Field(None, description="What people call it: a kernel's display name.")
    version: str | None = None
    packages: dict[str, str] = {}
    missing: list[str] = []
    ok: bool = False
    error: ErrorInfo | None = None


class Survival(StoredModel):
    """What a running job outlives here, read from the environment."""

    server_restart: bool
    container: bool
    host: bool
    workspace: bool = Field(True, description="Whether its folder outlives the container.")
    summary: str


class Status(StoredModel):
    """The answer of `GET status`."""

    version: str
    protocol: int
    workspace: str = Field(description="Absolute path.")
    workspace_path: str = Field(description="Relative to the server's root, for the file browser.")
    uploads_path: str = Field(
        description="Folder for uploads, relative to the server's root; the browser makes it."
    )
    read_only: bool = False
    read_only_reason: str | None = Field(None, description="Why nothing can be saved.")
    notices: list[ErrorInfo] = Field(
        [], description="What happened to the store, for example that it was recovered."
    )
    devices: list[Device]
    disk_free_bytes: int
    disk_total_bytes: int
    hub_token: Literal["absent", "present"]
    interpreter: Interpreter | None
    survival: Survival
    engine: str | None = Field(
        None, description="`slurm` where heavy jobs run on a cluster; null on this machine."
    )
    warnings: list[ErrorInfo] = Field([], description="A disk is nearly full.")
    running_jobs: int
    queued_jobs: int
    tracking_uri: str
