"""What a running job outlives here, read from the environment and said as it is.

Jobs are detached from the server, but not from what both live in: a container, a unit of systemd,
a job of Slurm. A workspace that lies inside a container goes with it, checkpoints and all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ftstudio_ext.schema.status import Survival

PASSING = frozenset({"overlay", "tmpfs", "aufs", "ramfs"})
"""File systems that end with the container or the machine."""


def survival(
    workspace: Path,
    *,
    engine: str | None = None,
    auto_resume: bool = True,
    environ: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
) -> Survival:
    """`root` is where `proc`, `run` and `.dockerenv` are looked for."""
    container = _container(environ, root)
    kept = not (container and _file_system(workspace, root) in PASSING)
    if engine:
        return Survival(
            server_restart=True,
            container=kept,
            host=kept,
            workspace=kept,
            summary="Runs go on on the cluster, whatever becomes of this server."
            + ("" if kept else f" {_lost(container)}"),
        )
    unit = None if container else _systemd_unit(root)
    slurm = environ.get("SLURM_JOB_ID")
    around = (
        f"the Slurm job {slurm}" if slurm else f"the systemd unit {unit}" if unit else container
    )
    main = bool(container) and _is_main_process(root)
    summary = _summary(around, main, auto_resume and kept)
    return Survival(
        server_restart=not main and unit is None,
        container=False,
        host=False,
        workspace=kept,
        summary=summary if kept else f"{summary} {_lost(container)}",
    )


def _summary(around: str | None, main: bool, resumes: bool) -> str:
    then = (
        "they go on from their newest checkpoint when a server starts again"
        if resumes
        else "then they can be resumed from their newest checkpoint"
    )
    if around is None:
        return f"Runs go on when the browser or the server ends, not when the machine does; {then}."
    if main:
        return (
            f"Runs go on when the browser ends. This server is the main process of {around}, which "
            f"ends with it and takes the runs along; {then}."
        )
    return f"Runs go on when the browser or the server ends, but not when {around} does; {then}."


def _lost(container: str | None) -> str:
    return (
        f"The workspace lies inside {container} and is lost with it: put it on a volume "
        "(FineTuningStudio.workspace_dir)."
    )


def _container(environ: Mapping[str, str], root: Path) -> str | None:
    if "KUBERNETES_SERVICE_HOST" in environ:
        return "a Kubernetes pod"
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return "a container"
    return None


def _is_main_process(root: Path) -> bool:
    """Whether the container ends with this server: it is the first process, or the child of the
    first (an init such as tini, or a start script)."""
    try:
        stat = (root / "proc/self/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    own = int(stat.split(" ", 1)[0])
    parent = int(stat.rpartition(")")[2].split()[1])
    return own == 1 or parent in (0, 1)


def _systemd_unit(root: Path) -> str | None:
    """The service that this server runs in, when its end would end all of its processes."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        last = line.rsplit("/", 1)[-1]
        if last.endswith(".service") and not last.startswith("user@"):
            return last
    return None


def _file_system(folder: Path, root: Path) -> str | None:
    """The kind of file system that a folder lies on."""
    try:
        lines = (root / "proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    best, kind = "", None
    for line in lines:
        fields, _, rest = line.partition(" - ")
        mount = fields.split()[4].replace("\\040", " ")
        if folder.is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, rest.split()[0]
    return kind
