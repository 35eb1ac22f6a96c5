"""Code: a form or a job as something that people can run, read and keep."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .common import StoredModel, StudioModel
from .jobs import Resources

CodeFormat = Literal["magic", "client", "yaml", "script", "notebook"]


class CodeRequest(StudioModel):
    """A training form as code."""

    spec: dict[str, Any]
    resources: Resources = Field(default_factory=Resources)
    format: CodeFormat = "magic"


class Code(StoredModel):
    """The code, and where it does not say the same as the form."""

    format: CodeFormat
    language: Literal["python", "yaml", "json"]
    filename: str = Field(description="A fitting name for the file.")
    text: str
    notes: list[str] = Field([], description="What one should know before running it.")
    formats: list[CodeFormat] = Field(description="All formats that there are for it.")
