"""What an operator has decided, as one object; `app.py` fills it from traitlets."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the server starts without the vocabulary
    from ftstudio_ext.schema.training import Tracking


@dataclass(frozen=True)
class Settings:
    """The studio's settings, resolved: every path absolute."""

    root_dir: Path
    workspace: Path
    allowed_dirs: tuple[Path, ...] = ()
    python: str = sys.executable
    tracking_uri: str | None = None
    experiment: str = "fine-tuning-studio"
    max_import_bytes: int = 20 * 1024**3
    import_timeout_s: float = 3600
    import_job_bytes: int = 32 * 1024**2
    worker_env: dict[str, str] = field(default_factory=dict)
    storage_quota_bytes: int = 0

    @property
    def datasets_dir(self) -> Path:
        return self.workspace / "datasets"

    @property
    def uploads_dir(self) -> Path:
        """Where the browser puts files for one import: below the root, which its contents API
        cannot leave."""
        if self.workspace.is_relative_to(self.root_dir):
            return self.workspace / "uploads"
        return self.root_dir / "ftstudio-uploads"

    @property
    def adapters_dir(self) -> Path:
        return self.workspace / "adapters"

    def tracking_environment(self) -> dict[str, str]:
        """Variables that send MLflow's calls in a job to the tracking store. An address with a
        password is not among them: jobs get it from the server's environment, in memory."""
        uri = self.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or ""
        found = {"MLFLOW_EXPERIMENT_NAME": self.experiment}
        if uri == without_password(uri):
            found["MLFLOW_TRACKING_URI"] = self.tracking().tracking_uri
        return found

    def tracking(self) -> Tracking:
        """Where runs are tracked: the setting, else MLFLOW_TRACKING_URI, else a SQLite file in
        the workspace (MLflow itself would take the current directory). This is written to disk
        and shown to people, so that a password in the address is left out."""
        from ftstudio_ext.schema.training import Tracking

        uri = self.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
        if uri:
            return Tracking(tracking_uri=without_password(uri), experiment=self.experiment)
        return Tracking(
            tracking_uri=f"sqlite:///{self.workspace / 'mlflow.db'}",
            experiment=self.experiment,
            artifact_location=str(self.workspace / "mlartifacts"),
        )


def cache_environment(folder: Path) -> dict[str, str]:
    """Variables that put the caches of the Hugging Face libraries below a folder; the hub's token
    stays where it is."""
    return {
        "HF_HUB_CACHE": str(folder / "hub"),
        "HF_DATASETS_CACHE": str(folder / "datasets"),
        "HF_XET_CACHE": str(folder / "xet"),
    }


def without_password(uri: str) -> str:
    """`scheme://user:***@host/…` for an address with a password; any other as it is."""
    return re.sub(r"(://[^/@\s:]*):[^/@\s]+@", r"\1:***@", uri)
