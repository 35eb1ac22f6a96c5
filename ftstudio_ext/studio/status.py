"""What the server says of itself: version, machine, workspace, and what its jobs would survive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ftstudio_ext._version import __version__
from ftstudio_ext.jobs.interpreter import probe
from ftstudio_ext.schema.jobs import PROTOCOL
from ftstudio_ext.schema.status import Status, Survival

if TYPE_CHECKING:
    from .studio import Studio


def read_status(studio: Studio) -> Status:
    """Blocks for a subprocess on its first call (the interpreter is probed once)."""
    workspace = studio.settings.workspace
    disk = shutil.disk_usage(workspace)
    service = studio.job_service
    return Status(
        version=__version__,
        protocol=PROTOCOL,
        workspace=str(workspace),
        workspace_path=studio.paths.relative(workspace),
        uploads_path=studio.paths.relative(studio.settings.uploads_dir),
        read_only=studio.database.read_only,
        read_only_reason=studio.database.read_only_reason,
        notices=studio.database.notices,
        devices=studio.launcher.resources(),
        disk_free_bytes=disk.free,
        disk_total_bytes=disk.total,
        hub_token=hub_token({**os.environ, **studio.settings.worker_env}),
        interpreter=probe(studio.settings.python),
        survival=survival(),
        running_jobs=service.active(),
        queued_jobs=service.list(state="queued", limit=1, offset=0).total,
        tracking_uri=studio.settings.tracking().tracking_uri,
    )


def hub_token(environ: Mapping[str, str]) -> Literal["absent", "present"]:
    """Whether a token of the hub is set up, where huggingface_hub looks for one; never which."""
    if environ.get("HF_TOKEN") or environ.get("HUGGING_FACE_HUB_TOKEN"):
        return "present"
    home = environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface"
    path = Path(environ.get("HF_TOKEN_PATH") or Path(home) / "token")
    try:
        return "present" if path.read_text(encoding="utf-8").strip() else "absent"
    except OSError:
        return "absent"


def survival() -> Survival:
    """What a running job outlives here. Jobs are detached from the server always, but not from
    the container or the systemd unit that both live in."""
    container = (
        "a Kubernetes pod"
        if "KUBERNETES_SERVICE_HOST" in os.environ
        else "a container"
        if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()
        else None
    )
    unit = None if container else _systemd_unit()
    inside = container or (f"the systemd unit {unit}" if unit else None)
    if inside is None:
        summary = (
            "Runs go on when the browser or the Jupyter server ends, not when the machine does."
        )
    else:
        summary = (
            f"Runs go on when the browser or the Jupyter server ends, but not when {inside} does; "
            "they resume from their newest checkpoint then."
        )
    return Survival(server_restart=unit is None, container=False, host=False, summary=summary)


def _systemd_unit() -> str | None:
    """The service that this server runs in, when its end would end all of its processes."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        last = line.rsplit("/", 1)[-1]
        if last.endswith(".service") and not last.startswith("user@"):
            return last
    return None
