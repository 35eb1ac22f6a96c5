"""Exports in a notebook: a job, and the folder that it makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.schema.exports import Export
from ftstudio_ext.schema.jobs import JobDetail

from .errors import StudioApiError
from .job import JobHandle
from .listing import key_of, new_request_id

if TYPE_CHECKING:
    from .client import Studio


class ExportHandle(JobHandle):
    """An export under way."""

    def result(self, wait: bool = True) -> Path:
        """The folder, as the server's machine knows it; waits for the end unless told otherwise."""
        if wait:
            self.wait()
        for event in self.events("result"):
            return Path(Export.model_validate(event.data).path)
        raise StudioApiError(
            f"The export “{self.name}” has no folder yet: it is {self.job.state}.",
            code="no_result",
            remedy="Wait for its end with .wait().",
        )


def start(studio: Studio, adapter: Any, **fields: Any) -> ExportHandle:
    """Submit it; `fields` are those of ExportRequest."""
    body = {"request_id": new_request_id(), **{k: v for k, v in fields.items() if v is not None}}
    answer = studio.connection.post("adapters", key_of(adapter), "export", body=body)
    return ExportHandle(studio, JobDetail.model_validate(answer))
