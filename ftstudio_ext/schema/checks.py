"""Checks: what a look at data, prompt or settings finds before anything is launched."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .common import StoredModel


class Fix(StoredModel):
    """A remedy that a button can carry out."""

    kind: Literal["set_field", "set_prompt_field"] = Field(
        description="set_field changes the training specification, set_prompt_field the prompt."
    )
    field: str = Field(description="As `a.b`.")
    value: Any = Field(None, description="What the field is set to.")
    label: str = Field(description="What the button says.")


class Check(StoredModel):
    """One finding. Blocking ones keep a run from starting."""

    level: Literal["blocking", "warning", "info"]
    code: str
    message: str
    field: str | None = Field(None, description="Field of the specification, as `a.b`.")
    remedy: str | None = None
    fix: Fix | None = Field(None, description="The remedy in one click, where there is one.")
    rows: list[int] = Field([], description="Some of the rows that it was found in.")
