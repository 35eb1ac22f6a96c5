"""The environment of launched processes: a recorded base, never that of whoever launches.

A server records its own environment when it starts (`.run/environment.json`, readable by its
owner only). Secrets are not written to disk: those that jobs need go from process to process,
from the server to a supervisor and on to the supervisor of the next job. Standard library only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftstudio_ext.core.files import write_json_atomic

from .protocol import TOKEN_VARIABLE, private_dir, read_object

SECRETS_PASSED = (
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
URLS_PASSED = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "MLFLOW_TRACKING_URI", "HF_ENDPOINT")
"""Addresses, in either case of letters, that may hold a user and a password."""

_URL_WITH_PASSWORD = re.compile(r"://[^/@\s:]*:[^/@\s]+@")
_SECRET = re.compile(
    r"TOKEN(?!IZER|_PATH)|SECRET|PASSW|PASSPHRASE|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIAL|_PAT$",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"^(PYTHON(PATH|HOME|STARTUP|EXECUTABLE|INSPECT|SAFEPATH)|MPLBACKEND|_|SHLVL|PWD|OLDPWD"
    r"|(JPY|JUPYTER|JUPYTERHUB|CONFIGPROXY|KERNEL|PYTEST|FTSTUDIO|LISTEN)_.*"
    r"|(RANK|LOCAL_RANK|WORLD_SIZE|MASTER_ADDR|MASTER_PORT))$"
)


def record_base(workspace: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Record the environment that jobs of this workspace start from."""
    base = clean(environ)
    path = private_dir(workspace) / "environment.json"
    if read_object(path) != base:
        write_json_atomic(path, base, mode=0o600)
    return base


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """Without secrets, and without what belongs to the server or kernel alone."""
    return {
        name: value
        for name, value in sorted(environ.items())
        if not (_SECRET.search(name) or _OWN.match(name) or _URL_WITH_PASSWORD.search(value))
    }


def load_base(workspace: Path) -> dict[str, str]:
    """The recorded base; the bare minimum where none was recorded."""
    base = read_object(private_dir(workspace) / "environment.json")
    if base is None:
        base = {"PATH": os.defpath, "HOME": str(Path.home()), "LANG": "C.UTF-8"}
    return {name: str(value) for name, value in base.items()}


def secrets(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The few secrets that jobs need, handed on in memory only."""
    urls = {
        name: value
        for name, value in environ.items()
        if name.upper() in URLS_PASSED and _URL_WITH_PASSWORD.search(value)
    }
    return {name: environ[name] for name in SECRETS_PASSED if name in environ} | urls


def job_environment(workspace: Path, spec: dict[str, Any], token: str) -> dict[str, str]:
    """The whole environment of a job's supervisor and worker."""
    base = load_base(workspace)
    settings = {str(name): str(value) for name, value in (spec.get("env") or {}).items()}
    return {
        **base,
        **secrets(),
        **device_variables(spec, base),
        **settings,
        "PYTHONPATH": str(spec["pythonpath"]),
        "PYTHONUNBUFFERED": "1",
        TOKEN_VARIABLE: token,
    }


def device_variables(spec: dict[str, Any], base: Mapping[str, str]) -> dict[str, str]:
    """Which GPU a job sees: the one it names, one of the server's for `auto`, none otherwise.

    Exactly one is shown, since the trainer would spread itself over all it sees.
    """
    order = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    device = (spec.get("resources") or {}).get("device", "auto")
    if device == "cpu" or spec.get("slot") == "light":
        return {**order, "CUDA_VISIBLE_DEVICES": ""}
    if device != "auto":
        return {**order, "CUDA_VISIBLE_DEVICES": device}
    allowed = base.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return {**order, "CUDA_VISIBLE_DEVICES": allowed.split(",")[0].strip()}
    return {**order, "CUDA_VISIBLE_DEVICES": "0"} if Path("/dev/nvidia0").exists() else order
