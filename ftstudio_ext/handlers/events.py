"""The event bus: small hints that something changed. They may be lost; the routes have the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the server starts without the vocabulary
    from ftstudio_ext.schema.jobs import JobHint

JOB_EVENT = "https://ftstudio-ext.readthedocs.io/events/job/v1"

JOB_EVENT_SCHEMA: dict[str, Any] = {
    "$id": JOB_EVENT,
    "version": "1",
    "title": "A job of Fine-tuning Studio has changed",
    "description": "A hint to fetch the job, its events or its log again.",
    "type": "object",
    "required": ["job_id", "kind"],
    "additionalProperties": False,
    "properties": {
        "job_id": {"title": "Job", "description": "Id of the job.", "type": "string"},
        "kind": {
            "title": "Kind",
            "description": "What changed: submitted, changed, state, events, progress, deleted.",
            "type": "string",
        },
        "state": {
            "title": "State",
            "description": "The job's state, where it is known.",
            "type": ["string", "null"],
        },
        "position": {
            "title": "Position",
            "description": "Length of the job's event file in bytes.",
            "type": ["integer", "null"],
        },
    },
}


def emit(event_logger: Any, hint: JobHint) -> None:
    """Post a hint. On the event loop only."""
    event_logger.emit(schema_id=JOB_EVENT, data=hint.model_dump(mode="json"))
