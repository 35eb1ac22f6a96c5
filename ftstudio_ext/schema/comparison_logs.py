"""Comparisons as runs in MLflow."""

from __future__ import annotations

from pydantic import Field

from .common import StoredModel, StudioModel
from .comparisons import Comparison
from .training import Tracking


class LogComparisonSpec(StudioModel):
    """Log a comparison to MLflow, with its answers and the votes so far; each time a new run."""

    comparison: str = Field(title="Comparison", description="Id or name.")


class LogComparisonRequest(StudioModel):
    """Log the comparison of the address."""

    request_id: str = Field(min_length=1, max_length=128)


class ResolvedComparisonLog(StoredModel):
    """`resolved` in the spec.json of such a job."""

    comparison: Comparison
    link_file: str = Field(description="Absolute; where the comparison keeps its link.")
    tracking: Tracking
