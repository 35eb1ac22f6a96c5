"""Addresses of MLflow's own pages inside Jupyter."""

from __future__ import annotations

from importlib.util import find_spec

from ftstudio_ext.schema.evaluation_results import MlflowLink

PROXY_NAME = "ftstudio-mlflow"
"""The name under which jupyter-server-proxy serves MLflow's page; see `mlflow_page.py`."""


def page_url(path: str = "") -> str | None:
    """An address inside MLflow's page, relative to the Jupyter server's base URL; None where
    jupyter-server-proxy is not installed."""
    if find_spec("jupyter_server_proxy") is None:
        return None
    return f"{PROXY_NAME}/#/{path}" if path else f"{PROXY_NAME}/"


def run_url(experiment_id: str, run_id: str) -> str | None:
    """The page of a run."""
    return page_url(f"experiments/{experiment_id}/runs/{run_id}")


def link(known: MlflowLink, baseline: str | None, system: str | None) -> MlflowLink:
    """The link with its addresses, as far as this server can serve them."""
    compare = None
    first, second = known.runs.get(system or ""), known.runs.get(baseline or "")
    if first and second:
        path = f"experiments/{known.experiment_id}/runs/{first}/traces?compareToRunUuid={second}"
        compare = page_url(path)
    url = run_url(known.experiment_id, known.run_id)
    return known.model_copy(update={"url": url, "compare_url": compare})
