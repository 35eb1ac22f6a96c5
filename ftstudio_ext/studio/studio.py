"""The studio of one workspace: its services, each of which knows the others through it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ftstudio_ext.core.errors import NotFound, StudioError
from ftstudio_ext.jobs.helpers import HelperHost
from ftstudio_ext.jobs.launchers import Launcher
from ftstudio_ext.jobs.service import JobService
from ftstudio_ext.schema.jobs import FINAL_STATES, JobHint, JobState
from ftstudio_ext.schema.preflight import Preflight, PreflightRequest
from ftstudio_ext.schema.status import Status
from ftstudio_ext.store.database import Database

from .adapters import Adapters, Dependents
from .cleaning import Cleaning
from .code.writer import CodeWriter
from .comparison_logs import ComparisonLogs
from .comparisons import Comparisons
from .completions import Completions
from .datasets import Datasets
from .evaluation_report import Format, report
from .evaluation_results import EvaluationResults
from .evaluations import Evaluations
from .exports import Exports
from .hub import Hub
from .imports import Imports
from .inference import Inference
from .jobs import Jobs
from .kinds import JobKind
from .memory import Memory
from .models import Models
from .paths import PathPolicy
from .preflight import preflight
from .presets import Presets
from .profiles import Profiles
from .prompts import Prompts
from .registrations import Registrations
from .reservations import Reservations
from .scorers import Scorers
from .settings import Settings
from .status import read_status
from .storage import StorageView
from .training import Training

log = logging.getLogger(__name__)

STORE = "studio.json"


class Studio:
    """Everything that handlers call. Construction opens the store, hence blocks: use a thread."""

    def __init__(
        self,
        settings: Settings,
        *,
        launcher: Launcher,
        job_service: JobService,
        helpers: HelperHost,
        on_hint: Callable[[JobHint], None] = lambda hint: None,
    ) -> None:
        self.settings = settings
        self.launcher = launcher
        self.job_service = job_service
        self.helpers = helpers
        self._on_hint = on_hint
        self.adapter_dependents: list[Dependents] = []
        settings.workspace.mkdir(parents=True, exist_ok=True)
        self.database = Database(settings.workspace / STORE)
        self.paths = PathPolicy(settings.root_dir, (settings.workspace, *settings.allowed_dirs))
        self.reservations = Reservations(settings.adapters_dir)
        self.datasets = Datasets(self)
        self.imports = Imports(self)
        self.profiles = Profiles(self)
        self.cleaning = Cleaning(self)
        self.models = Models(self)
        self.hub = Hub(self)
        self.prompts = Prompts(self)
        self.presets = Presets(self)
        self.adapters = Adapters(self)
        self.training = Training(self)
        self.memory = Memory(self)
        self.evaluations = Evaluations(self)
        self.evaluation_results = EvaluationResults(self)
        self.scorers = Scorers(self)
        self.registrations = Registrations(self)
        self.inference = Inference(self)
        self.comparisons = Comparisons(self)
        self.comparison_logs = ComparisonLogs(self)
        self.exports = Exports(self)
        self.completions = Completions(self)
        self.storage = StorageView(self)
        kinds: dict[str, JobKind] = {
            "train": self.training,
            "evaluate": self.evaluations,
            "import": self.imports,
            "profile": self.profiles,
            "clean": self.cleaning,
            "register": self.registrations,
            "export": self.exports,
            "log_comparison": self.comparison_logs,
        }
        self.jobs = Jobs(self, kinds)
        self.code = CodeWriter(self)

    def status(self) -> Status:
        return read_status(self)

    async def preflight(self, request: PreflightRequest) -> Preflight:
        """What a training run would do, and everything that stands in its way."""
        return await preflight(self, request)

    def evaluation_report(self, job_id: str, format: Format) -> tuple[str, str]:
        """(file name, text) of an evaluation's report."""
        return report(self, job_id, format)

    def reconcile(self) -> None:
        """Bring everything in line with what is on disk: at start, and now and then. A workspace
        that has gone is not made again: it may be a disk that is not mounted."""
        if not self.settings.workspace.is_dir():
            return
        for step in (
            self.job_service.reconcile,
            self.imports.reconcile,
            self.adapters.reconcile,
            self.comparisons.reconcile,
        ):
            try:
                step()
            except (OSError, StudioError) as error:
                log.warning("Reconciling the workspace: %s", error)

    def hint(self, job_id: str, kind: str, state: JobState | None = None, **more: Any) -> None:
        """Tell clients that something about a job has changed; they fetch the thing itself."""
        if kind in ("submitted", "changed", "state"):
            self.inference.job_changed(job_id)
        self._on_hint(JobHint(job_id=job_id, kind=kind, state=state, **more))

    def release_if_ended(self, name: str, job_id: str) -> None:
        """Free an adapter's reservation when its job has ended or is gone."""
        try:
            state = self.job_service.get(job_id).state
        except NotFound:
            state = "failed"
        if state in FINAL_STATES:
            self.reservations.release(name, job_id)
