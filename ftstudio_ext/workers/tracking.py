"""The run's numbers in MLflow, from a thread of its own: MLflow being slow, full or gone never
slows or stops training.

One MLflow run a job: its id is kept in the run directory, and later attempts go on with it.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ftstudio_ext.core.files import read_json, write_json_atomic
from ftstudio_ext.schema.training import Tracking

from .tracking_store import make_store

BATCH_INTERVAL_S = 2.0
LARGEST_BATCH = 1000
MOST_PENDING = 100_000
"""Points kept while MLflow does not answer; the oldest go first."""

_SETTINGS = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


class Tracker:
    """Hand it numbers at any time; `finish` waits for a while until they are stored."""

    def __init__(
        self,
        tracking: Tracking,
        *,
        run_name: str,
        params: dict[str, Any],
        tags: dict[str, str],
        id_file: Path,
        on_problem: Callable[[str], None],
    ) -> None:
        self.tracking = tracking
        self.run_id: str | None = None
        self._run_name, self._params, self._tags = run_name, params, tags
        self._id_file = id_file
        self._on_problem = on_problem
        self._pending: deque[tuple[str, float, int, int]] = deque(maxlen=MOST_PENDING)
        self._artifacts: list[Path] = []
        self._status: str | None = None
        self._ended = threading.Event()
        self._done = threading.Event()
        self._client: Any = None
        self._failing = False
        self._thread = threading.Thread(target=self._work, name="mlflow", daemon=True)

    def start(self) -> Tracker:
        self._thread.start()
        return self

    def log(self, step: int, values: dict[str, float]) -> None:
        """Note numbers; returns at once."""
        at = int(time.time() * 1000)
        for name, value in values.items():
            if math.isfinite(value):
                self._pending.append((name, float(value), at, step))

    def finish(
        self, status: str, *, artifacts: list[Path] | None = None, timeout_s: float = 30
    ) -> bool:
        """End the run as FINISHED, FAILED or KILLED; whether all of it was stored in time."""
        self._artifacts = artifacts or []
        self._status = status
        self._ended.set()
        self._thread.join(timeout_s)
        stored = self._done.is_set()
        if not stored:
            self._on_problem("the last numbers could not be stored in time")
        return stored

    def wait_for_run(self, timeout_s: float = 15) -> str | None:
        """The run's id, once MLflow has made it; None when it cannot just now."""
        deadline = time.monotonic() + timeout_s
        while self.run_id is None and not self._failing and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.run_id

    def _work(self) -> None:
        """Open the run and send batches until the end; each failure is said and tried again."""
        while True:
            ended = self._ended.wait(BATCH_INTERVAL_S if self._client else 0)
            try:
                if self._client is None:
                    self._open()
                self._send()
                self._failing = False
                if ended:
                    self._close()
                    self._done.set()
                    return
            except Exception as error:
                self._failing = True
                self._on_problem(" ".join(str(error).split())[:300] or type(error).__name__)
                if ended:
                    return
                self._ended.wait(5 * BATCH_INTERVAL_S)

    def _open(self) -> None:
        client, _uri = connect(self.tracking)
        self.run_id = self._known_run(client) or self._new_run(client)
        self._client = client

    def _known_run(self, client: Any) -> str | None:
        """The run of an earlier attempt, if MLflow still has it."""
        from mlflow.exceptions import MlflowException

        try:
            known = str(read_json(self._id_file)["run_id"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        try:
            if client.get_run(known).info.lifecycle_stage != "active":
                return None
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise
        client.update_run(known, status="RUNNING")
        return known

    def _new_run(self, client: Any) -> str:
        from mlflow.entities import Param

        run = client.create_run(
            experiment_id(client, self.tracking), run_name=self._run_name, tags=self._tags
        )
        params = [Param(name, str(value)[:500]) for name, value in self._params.items()]
        client.log_batch(run.info.run_id, params=params)
        write_json_atomic(
            self._id_file,
            {
                "run_id": run.info.run_id,
                "experiment_id": run.info.experiment_id,
                "tracking_uri": self.tracking.tracking_uri,
            },
        )
        return str(run.info.run_id)

    def _send(self) -> None:
        from mlflow.entities import Metric

        while self._pending:
            batch = [self._pending[i] for i in range(min(LARGEST_BATCH, len(self._pending)))]
            self._client.log_batch(
                self.run_id,
                metrics=[Metric(name, value, at, step) for name, value, at, step in batch],
            )
            for _sent in batch:
                self._pending.popleft()

    def _close(self) -> None:
        for path in self._artifacts:
            with contextlib.suppress(OSError):
                self._client.log_artifact(self.run_id, str(path))
        self._client.set_terminated(self.run_id, status=self._status or "FINISHED")


def connect(tracking: Tracking) -> tuple[Any, str]:
    """(an MLflow client, the tracking store's address with its password); the store is made
    where there is none."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    uri = tracking.tracking_uri
    if ":***@" in uri:  # the password is in this process's environment only
        uri = os.environ.get("MLFLOW_TRACKING_URI", uri)
    make_store(uri)
    return MlflowClient(tracking_uri=uri), uri


def experiment_id(client: Any, tracking: Tracking) -> str:
    """The experiment, made with an explicit artifact location: the default would be the folder
    in which this process happens to run. Two processes may make it at the same moment."""
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(tracking.experiment)
    if found is None:
        try:
            made = client.create_experiment(
                tracking.experiment, artifact_location=tracking.artifact_location
            )
            return str(made)
        except MlflowException:
            found = client.get_experiment_by_name(tracking.experiment)
            if found is None:
                raise
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)
