"""MLflow's own page inside Jupyter: its addresses, and the process behind it."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio_ext.core.files import read_json

from .settings import Settings

if TYPE_CHECKING:  # the server starts without the vocabulary
    from ftstudio_ext.schema.evaluation_results import MlflowLink

PAGE = "ftstudio/mlflow"
"""Below the Jupyter server's base URL."""
PROXY = "jupyter_server_proxy"
MODULE = "ftstudio_ext.workers.mlflow_server"
START_TIMEOUT_S = 120.0


def page_url(tracking_uri: str, path: str = "") -> str | None:
    """The address of something in MLflow's page: that of a tracking server which has one of its
    own, else one relative to Jupyter's base URL; None where jupyter-server-proxy is missing."""
    place = f"#/{path}" if path else ""
    if re.match(r"https?://", tracking_uri):
        without_login = re.sub(r"://[^/@]*@", "://", tracking_uri)
        return f"{without_login.rstrip('/')}/{place}"
    return f"{PAGE}/{place}" if find_spec(PROXY) else None


def run_url(tracking_uri: str, experiment_id: str, run_id: str) -> str | None:
    """The page of a run."""
    return page_url(tracking_uri, f"experiments/{experiment_id}/runs/{run_id}")


def link(known: MlflowLink, baseline: str | None, system: str | None) -> MlflowLink:
    """The link with its addresses, as far as this server can serve them."""
    compare = None
    first, second = known.runs.get(system or ""), known.runs.get(baseline or "")
    if first and second:
        path = f"experiments/{known.experiment_id}/runs/{first}/traces?compareToRunUuid={second}"
        compare = page_url(known.tracking_uri, path)
    url = run_url(known.tracking_uri, known.experiment_id, known.run_id)
    return known.model_copy(update={"url": url, "compare_url": compare})


def kept_link(file: Path) -> MlflowLink | None:
    """The link that a worker has noted, with its address."""
    known = noted(file)
    return link(known, None, None) if known else None


def noted(file: Path) -> MlflowLink | None:
    """What a worker has noted of its runs."""
    from ftstudio_ext.schema.evaluation_results import MlflowLink

    try:
        return MlflowLink.model_validate(read_json(file))
    except (OSError, ValueError):
        return None


def command(settings: Settings, unix_socket: str) -> list[str]:
    """What starts the page's server, listening on the socket."""
    return [settings.python, "-m", MODULE, unix_socket]


def environment(settings: Settings) -> dict[str, str]:
    """Of that process. The tracking store's address may have a password: no argument of it."""
    from ftstudio_ext.jobs.workercopy import ensure_worker_copy

    tracking = settings.tracking()
    artifacts = tracking.artifact_location or str(settings.workspace / "mlartifacts")
    found = {
        "PYTHONPATH": str(ensure_worker_copy(settings.workspace)),
        "MLFLOW_DEFAULT_ARTIFACT_ROOT": artifacts,
        "MLFLOW_ARTIFACTS_DESTINATION": artifacts,
    }
    if settings.tracking_uri or ":***@" not in tracking.tracking_uri:
        found["MLFLOW_TRACKING_URI"] = settings.tracking_uri or tracking.tracking_uri
    return found
