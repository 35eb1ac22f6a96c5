"""Adapters as versions of models in MLflow's model registry."""

from __future__ import annotations

from pydantic import Field, model_validator

from .adapters import Adapter
from .common import StoredModel, StudioModel, ui
from .training import Tracking


class RegisterSpec(StudioModel):
    """Register an adapter: each time a new version of the model."""

    adapter: str = Field(title="Adapter", json_schema_extra=ui("basics", order=1, widget="adapter"))
    model_name: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        pattern=r"^[^/:]+$",
        title="Registered model",
        description="The adapter's name when absent; made where there is none.",
        json_schema_extra=ui("basics", order=2),
    )
    alias: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,100}$",
        title="Alias",
        description="Points to this version from now on, for example champion.",
        json_schema_extra=ui("basics", order=3),
    )

    @model_validator(mode="after")
    def _alias_is_no_version(self) -> RegisterSpec:
        alias = (self.alias or "").lower()
        if alias == "latest" or (alias.startswith("v") and alias[1:].isdecimal()):
            raise ValueError("alias must not be 'latest' or look like a version ('v1')")
        return self


class RegisterRequest(StudioModel):
    """Register the adapter of the address."""

    request_id: str = Field(min_length=1, max_length=128)
    model_name: str | None = Field(None, min_length=1, max_length=200, pattern=r"^[^/:]+$")
    alias: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{1,100}$")


class ResolvedRegistration(StoredModel):
    """`resolved` in the spec.json of a registration."""

    adapter: Adapter
    tracking: Tracking


class Registration(StoredModel):
    """`result/registration.json`, and the data of the job's `result` event."""

    model_name: str
    version: str
    alias: str | None = None
    model_id: str | None = None
    run_id: str | None = None
    tracking_uri: str
