"""What an operator has decided, as one object; `app.py` fills it from traitlets."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

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
    worker_env: dict[str, str] = field(default_factory=dict)

    @property
    def datasets_dir(self) -> Path:
        return self.workspace / "datasets"

    @property
    def adapters_dir(self) -> Path:
        return self.workspace / "adapters"

    def tracking(self) -> Tracking:
        """Where runs are tracked: the setting, else MLFLOW_TRACKING_URI, else a SQLite file in
        the workspace (MLflow itself would take the current directory)."""
        uri = self.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
        if uri:
            return Tracking(tracking_uri=uri, experiment=self.experiment)
        return Tracking(
            tracking_uri=f"sqlite:///{self.workspace / 'mlflow.db'}",
            experiment=self.experiment,
            artifact_location=str(self.workspace / "mlartifacts"),
        )
