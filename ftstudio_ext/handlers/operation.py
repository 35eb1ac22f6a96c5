"""What a verb of a route takes and answers, written beside it; OpenAPI is generated from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from ftstudio_ext.schema.common import StudioModel

Verb = TypeVar("Verb", bound=Callable[..., Any])


@dataclass(frozen=True)
class Operation:
    """One verb of one route."""

    summary: str
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    content_type: str = "application/json"
    if_match: bool = False


def operation(summary: str, **details: Any) -> Callable[[Verb], Verb]:
    """Attach an Operation to a verb."""

    def mark(verb: Verb) -> Verb:
        verb.operation = Operation(summary, **details)  # type: ignore[attr-defined]
        return verb

    return mark


class ListQuery(StudioModel):
    """How lists are paged and searched."""

    limit: int = Field(50, ge=1, le=500, description="Items on this page.")
    offset: int = Field(0, ge=0, description="Items to leave out first.")
    q: str | None = Field(None, max_length=200, description="Text that the name contains.")


class DeleteQuery(StudioModel):
    """Whether what depends on the object may go or stay without it."""

    cascade: bool = Field(
        False,
        description="Delete although other objects use it; the error of a first try names them.",
    )
