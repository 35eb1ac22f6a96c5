"""What the status page says that a job outlives is read from where the server stands."""

from __future__ import annotations

from pathlib import Path

from ftstudio_ext.studio.survival import survival

WORKSPACE = Path("/home/me/ftstudio")


def place(
    root: Path, *, stat: str = "70 (jupyter) S 40", mounts: str = "/ ext4", cgroup: str = "/"
) -> Path:
    """A /proc as it looks elsewhere."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/stat").write_text(stat)
    (root / "proc/self/cgroup").write_text(f"0::{cgroup}\n")
    lines = [mount.split() for mount in mounts.split(",")]
    text = "".join(f"1 2 0:3 / {where} rw - {kind} none rw\n" for where, kind in lines)
    (root / "proc/self/mountinfo").write_text(text)
    return root


def test_on_a_plain_machine_a_job_outlives_the_server(tmp_path: Path) -> None:
    found = survival(WORKSPACE, environ={}, root=place(tmp_path))
    assert found.server_restart and found.workspace and not found.host
    assert "not when the machine does" in found.summary


def test_a_pod_s_main_process_takes_its_jobs_along(tmp_path: Path) -> None:
    pod = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    root = place(tmp_path, stat="7 (jupyter) S 1", mounts="/ overlay,/home/me nfs4")
    found = survival(WORKSPACE, environ=pod, root=root)
    assert not found.server_restart and not found.container and found.workspace
    assert "main process of a Kubernetes pod" in found.summary
    assert "go on from their newest checkpoint" in found.summary
    by_hand = survival(WORKSPACE, environ=pod, root=root, auto_resume=False)
    assert "can be resumed" in by_hand.summary


def test_a_workspace_inside_the_container_is_lost_with_it(tmp_path: Path) -> None:
    (tmp_path / ".dockerenv").touch()
    found = survival(WORKSPACE, environ={}, root=place(tmp_path, mounts="/ overlay"))
    assert found.server_restart and not found.workspace
    assert "lost with it: put it on a volume" in found.summary


def test_units_and_slurm_jobs_are_named(tmp_path: Path) -> None:
    root = place(tmp_path, cgroup="/system.slice/jupyter-me.service")
    unit = survival(WORKSPACE, environ={}, root=root)
    assert not unit.server_restart and "jupyter-me.service" in unit.summary
    inside = survival(WORKSPACE, environ={"SLURM_JOB_ID": "12"}, root=root)
    assert "the Slurm job 12" in inside.summary
    cluster = survival(WORKSPACE, engine="slurm", environ={}, root=root)
    assert cluster.server_restart and cluster.host
