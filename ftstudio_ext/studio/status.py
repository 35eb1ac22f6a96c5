"""What the server says of itself: version, machine, workspace, and what its jobs would survive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ftstudio_ext._version import __version__
from ftstudio_ext.jobs import recovery
from ftstudio_ext.jobs.interpreter import probe
from ftstudio_ext.schema.jobs import PROTOCOL
from ftstudio_ext.schema.status import Status

from .storage import disk_warnings
from .survival import survival

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
        survival=survival(
            workspace,
            engine=studio.launcher.engine,
            auto_resume=recovery.auto_resume(workspace),
        ),
        engine=studio.launcher.engine,
        warnings=disk_warnings(studio.storage.disks()),
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
