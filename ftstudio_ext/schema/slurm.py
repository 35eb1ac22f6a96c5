"""What a job asks of Slurm."""

from __future__ import annotations

from pydantic import Field

from .common import StudioModel, ui

_WORD = r"^[A-Za-z0-9][A-Za-z0-9_.,:=+-]*$"


class SlurmResources(StudioModel):
    """What one job asks of Slurm; the operator's setting holds where a field is absent."""

    partition: str | None = Field(
        None, pattern=_WORD, max_length=200, description="Partition, or several with commas."
    )
    gres: str | None = Field(
        None,
        pattern=_WORD,
        max_length=200,
        description="Generic resources, as Slurm writes them.",
        examples=["gpu:1", "gpu:a100:2"],
    )
    time_minutes: int | None = Field(
        None,
        ge=1,
        le=60 * 24 * 365,
        description="Time limit. Before it is reached the job saves, and Slurm starts it again.",
        json_schema_extra=ui(unit="min"),
    )
    memory_mb: int | None = Field(
        None, ge=1, description="Memory of each node.", json_schema_extra=ui(unit="MB")
    )
    cpus: int | None = Field(None, ge=1, le=4096, description="Processor cores.")
    nodes: int | None = Field(
        None,
        ge=1,
        le=1024,
        description="Nodes to reserve. Training uses the first; a script of your own may use all.",
    )
