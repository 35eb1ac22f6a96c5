"""What a job is to run on: interpreter and device, checked before anything is launched."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ftstudio_ext.core.errors import InvalidInput, Unavailable
from ftstudio_ext.jobs.interpreter import probe
from ftstudio_ext.schema.jobs import Resources
from ftstudio_ext.schema.status import Device

FIELD = "resources.python"


def check_resources(resources: Resources, devices: Collection[Device]) -> None:
    """Raise InvalidInput where a request names a device that is not there, or an interpreter
    that the job's own process might not find again."""
    known = ["auto", "cpu", *(device.id for device in devices if device.id != "cpu")]
    if resources.device not in known:
        raise InvalidInput(
            f"There is no device “{resources.device}”.",
            field="resources.device",
            remedy=f"Choose one of: {', '.join(known)}.",
        )
    if resources.python and not Path(resources.python).is_absolute():
        raise InvalidInput(
            f"“{resources.python}” is not the whole path of an interpreter.",
            field=FIELD,
            remedy="Write it from the root on, for example /opt/venv/bin/python.",
        )


def check_stack(python: str, needed: Collection[str] | None = None) -> None:
    """Raise Unavailable when the interpreter lacks the training stack, or those of its packages
    that are `needed`; the remedy is the command that mends it."""
    found = probe(python)
    if found.ok or (found.version and needed and not set(needed) & set(found.missing)):
        return
    error = found.error
    raise Unavailable(
        error.message if error else f"Python at {python} cannot run jobs.",
        field=FIELD,
        code=error.code if error else "no_training_stack",
        remedy=(error.remedy if error else None)
        or f"Run: {python} -m pip install 'ftstudio-ext[train]'",
    )
