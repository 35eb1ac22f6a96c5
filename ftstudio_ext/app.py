"""The server extension: settings of the operator, the studio behind them, and its routes."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Dict, Float, Int, List, Type, Unicode

from .handlers import lazy
from .handlers.events import JOB_EVENT_SCHEMA, emit
from .opening import Opening
from .studio.mlflow_page import PAGE
from .studio.settings import Settings, cache_environment, without_password

if TYPE_CHECKING:  # the server starts without the vocabulary
    from .schema.jobs import JobHint


class FineTuningStudio(ExtensionApp):
    """Fine-tuning Studio: trains adapters in processes of their own, below one workspace."""

    name = "ftstudio_ext"

    workspace_dir = Unicode(
        "ftstudio",
        help="Folder of datasets, runs and adapters; relative to the server's root directory. "
        "It is made when the studio is first used.",
    ).tag(config=True)
    allowed_dirs = List(
        Unicode(),
        help="Directories outside the server's root from which people may import datasets, "
        "models and adapters, and into which runs may copy adapters; absolute paths.",
    ).tag(config=True)
    launcher_class = Type(
        default_value="ftstudio_ext.jobs.launchers.LocalLauncher",
        klass="ftstudio_ext.jobs.launchers.Launcher",
        help="Class that starts jobs; the default starts detached processes on this machine.",
    ).tag(config=True)
    launcher_options = Dict(
        help="Arguments of that class; for SlurmLauncher `defaults` (partition, gres, "
        "time_minutes, memory_mb, cpus, nodes), `arguments` of sbatch, `save_before_s`, "
        "`gpu_memory_gb`.",
    ).tag(config=True)
    python = Unicode(
        "",
        help="Python interpreter with the training stack, for jobs and helper processes; the "
        "server's own when empty.",
    ).tag(config=True)
    tracking_uri = Unicode(
        "",
        help="MLflow tracking URI; when empty the environment's MLFLOW_TRACKING_URI, else a "
        "SQLite file in the workspace.",
    ).tag(config=True)
    experiment = Unicode(
        "fine-tuning-studio", help="MLflow experiment that runs are recorded in."
    ).tag(config=True)
    job_environment = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Environment variables set for all jobs and helper processes. They are written to "
        "disk with each job: no secrets here (HF_TOKEN and MLflow's credentials are handed on "
        "from the server's own environment, in memory).",
    ).tag(config=True)
    helper_idle_timeout_s = Float(
        600,
        min=1,
        help="Seconds without a request after which a helper process ends; it is started again "
        "on demand.",
    ).tag(config=True)
    inference_idle_timeout_s = Float(
        900,
        min=1,
        help="Seconds without a question after which a base model leaves the memory; the next "
        "question loads it again.",
    ).tag(config=True)
    max_import_bytes = Int(
        20 * 1024**3, min=1, help="Largest size in bytes of files imported as one dataset."
    ).tag(config=True)
    import_job_bytes = Int(
        32 * 1024**2,
        min=0,
        help="Size in bytes from which files are imported by a job, with progress and a way to "
        "cancel; smaller ones are imported within the request.",
    ).tag(config=True)
    import_timeout_s = Float(
        3600, min=1, help="Seconds after which the import of files is given up."
    ).tag(config=True)
    cache_dir = Unicode(
        "",
        help="Folder for downloaded models and datasets, with `hub`, `datasets` and `xet` below "
        "it; where the Hugging Face libraries keep them when empty.",
    ).tag(config=True)
    storage_quota_bytes = Int(
        0,
        min=0,
        help="Bytes that the workspace and the caches may take together; people are warned at "
        "nine tenths of it. 0: as much as the disks hold.",
    ).tag(config=True)
    auto_resume = Bool(
        True,
        help="Whether jobs whose processes vanished (a killed container, a restarted machine) go "
        "on by themselves from their newest whole checkpoint, at most three times in a row "
        "without progress.",
    ).tag(config=True)
    reconcile_interval_s = Float(
        10,
        min=0.5,
        help="Seconds between checks that the processes of unfinished jobs still live; twelve "
        "times as long when there is no such job.",
    ).tag(config=True)

    opening: Opening

    def initialize_settings(self) -> None:
        self._keep_secrets_in_memory()
        assert self.serverapp is not None and self.serverapp.event_logger is not None
        self.serverapp.event_logger.register_event_schema(JOB_EVENT_SCHEMA)
        self.opening = Opening(
            settings=self.resolved_settings(),
            launcher_class=self.launcher_class,
            launcher_options=dict(self.launcher_options),
            helper_idle_timeout_s=self.helper_idle_timeout_s,
            inference_idle_timeout_s=self.inference_idle_timeout_s,
            reconcile_interval_s=self.reconcile_interval_s,
            auto_resume=self.auto_resume,
            on_hint=self._post_hint,
            on_look=self._note_activity,
        )
        self.settings["ftstudio"] = self.opening

    def initialize_handlers(self) -> None:
        assert self.serverapp is not None
        application = self.serverapp.web_app
        for routes in (
            lazy.LazyRoutes(application, "/ftstudio/api/.*", lazy.api),
            lazy.LazyRoutes(application, "/ftstudio/v1/.*", lazy.openai),
            lazy.LazyRoutes(application, f"/{PAGE}(/.*)?", lazy.mlflow_page),
        ):
            application.add_handlers(".*$", [(routes.pattern, routes)])

    def resolved_settings(self) -> Settings:
        """The traits with every path absolute."""
        assert self.serverapp is not None
        root = Path(self.serverapp.root_dir).resolve()
        return Settings(
            root_dir=root,
            workspace=(root / Path(self.workspace_dir).expanduser()).resolve(),
            allowed_dirs=tuple(Path(text).expanduser() for text in self.allowed_dirs),
            python=self.python or sys.executable,
            tracking_uri=self.tracking_uri or None,
            experiment=self.experiment,
            max_import_bytes=self.max_import_bytes,
            import_timeout_s=self.import_timeout_s,
            import_job_bytes=self.import_job_bytes,
            worker_env={**self._cache_environment(root), **self.job_environment},
            storage_quota_bytes=self.storage_quota_bytes,
        )

    def _cache_environment(self, root: Path) -> dict[str, str]:
        if not self.cache_dir:
            return {}
        return cache_environment((root / Path(self.cache_dir).expanduser()).resolve())

    def _keep_secrets_in_memory(self) -> None:
        """Jobs inherit an address with a password, and the tokens that they may have, from this
        process's environment, since neither must be written to their specifications."""
        from .jobs.environment import SECRETS_PASSED

        secrets = {
            name: self.job_environment[name]
            for name in SECRETS_PASSED
            if name in self.job_environment
        }
        os.environ.update(secrets)
        self.job_environment = {
            name: value for name, value in self.job_environment.items() if name not in secrets
        }
        if without_password(self.tracking_uri) != self.tracking_uri:
            os.environ["MLFLOW_TRACKING_URI"] = self.tracking_uri

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Look after jobs that were running when the last server ended, in the background."""
        self.opening.reopen_in_background()

    async def stop_extension(self) -> None:
        """End the helpers; jobs go on."""
        await self.opening.close()

    def current_activity(self) -> dict[str, int] | None:
        """Jobs at work or queued keep an idle server from being culled."""
        active = self.opening.active_jobs if hasattr(self, "opening") else 0
        return {"jobs": active} if active else None

    def _note_activity(self, active: int) -> None:
        if active and self.serverapp:
            self.serverapp.web_app.settings["ftstudio_last_activity"] = datetime.now(UTC)

    def _post_hint(self, hint: JobHint) -> None:
        assert self.serverapp is not None
        emit(self.serverapp.event_logger, hint)


main = FineTuningStudio.launch_instance
