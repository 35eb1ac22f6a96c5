"""The Python of jobs: probed before launch, and run from a copy that does not change."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ftstudio_ext.jobs import interpreter, protocol, workercopy
from ftstudio_ext.jobs.devices import devices, parse_gpus
from ftstudio_ext.jobs.interpreter import NEEDED, ensure_worker_copy, probe
from ftstudio_ext.jobs.service import JobService

from .conftest import ROOT, make_spec


def fake_python(path: Path, answer: str) -> str:
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(0o755)
    return str(path)


def test_probe_reads_versions_without_importing(tmp_path: Path) -> None:
    found = probe(sys.executable, refresh=True)
    assert found.version and "pydantic" in found.packages
    assert set(found.missing) == set(NEEDED) - set(found.packages)
    assert found.ok == (found.error is None)


def test_a_missing_stack_names_the_command_that_mends_it(tmp_path: Path) -> None:
    packages = '{"version": "3.12.1", "packages": {"pydantic": "2.9.0", "torch": "2.13.0+cpu"}}'
    python = fake_python(tmp_path / "python", f"echo '{packages}'")
    found = probe(python)
    assert not found.ok and "trl" in found.missing and "torch" not in found.missing
    assert found.error.code == "training_stack_missing"
    assert found.error.remedy == f"{python} -m pip install 'ftstudio-ext[train]'"


def test_versions_outside_the_tested_range_are_named(tmp_path: Path) -> None:
    versions = {name: first for name, (first, _) in NEEDED.items()} | {"trl": "0.9.6"}
    packages = str(versions).replace("'", '"')
    python = fake_python(
        tmp_path / "python", f"""echo '{{"version": "3.12.1", "packages": {packages}}}'"""
    )
    found = probe(python)
    assert found.error.code == "training_stack_incompatible"
    assert "trl 0.9.6 (needs >=1.16,<1.17)" in found.error.message


@pytest.mark.parametrize("answer", ["exit 1", "echo nonsense", "sleep 5"])
def test_an_interpreter_that_does_not_answer_is_said(
    tmp_path: Path, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "PROBE_TIMEOUT_S", 0.5)
    found = probe(fake_python(tmp_path / "python", answer))
    assert not found.ok and found.error.code == "interpreter_unusable" and found.error.remedy
    assert "no interpreter" in probe(str(tmp_path / "absent")).error.message


def test_an_old_python_is_refused(tmp_path: Path) -> None:
    answer = """echo '{"version": "3.9.1", "packages": {}}'"""
    found = probe(fake_python(tmp_path / "python", answer))
    assert found.error.code == "interpreter_too_old"


def test_needed_versions_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        f"{name}>={first}" + (f",<{beyond}" if beyond else "")
        for name, (first, beyond) in NEEDED.items()
    }
    given = project["optional-dependencies"]["train"] + project["dependencies"]
    assert wanted <= set(given)


def test_the_worker_copy_runs_alone_and_is_made_once(tmp_path: Path) -> None:
    copy = ensure_worker_copy(tmp_path)
    assert ensure_worker_copy(tmp_path) == copy and copy.parent == tmp_path / ".run/worker"
    assert sorted(p.name for p in (copy / "ftstudio_ext").iterdir() if p.is_dir()) == [
        "core",
        "jobs",
        "schema",
        "workers",
    ]
    code = "import ftstudio_ext.jobs.worker as w; print(w.__file__)"
    found = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={"PYTHONPATH": str(copy)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.startswith(str(copy))
    assert [path for path in copy.parent.iterdir() if path.is_dir()] == [copy]


def test_changed_sources_make_another_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ensure_worker_copy(tmp_path)
    changed = tmp_path / "package"
    shutil.copytree(workercopy.PACKAGE, changed, ignore=shutil.ignore_patterns("__pycache__"))
    with (changed / "core" / "files.py").open("a") as file:
        file.write("# changed\n")
    monkeypatch.setattr(workercopy, "PACKAGE", changed)
    after = ensure_worker_copy(tmp_path)
    assert after != before and before.is_dir()


def old_copy(workspace: Path, name: str) -> Path:
    """A copy as an earlier version of the product made it."""
    folder = workspace / ".run" / "worker" / name
    shutil.copytree(ensure_worker_copy(workspace), folder)
    return folder


def test_copies_that_nobody_needs_are_swept_when_a_server_starts(tmp_path: Path) -> None:
    service = JobService(tmp_path)
    unused, waiting, lost, done = (old_copy(tmp_path, f"0.0-{n}") for n in range(4))
    for copy, state in ((waiting, "held"), (lost, "lost"), (done, "succeeded")):
        job = service.submit(make_spec(state, pythonpath=str(copy)), hold=True)
        protocol.write_state(Path(job.run_dir), state=state)
    current = ensure_worker_copy(tmp_path)
    JobService(tmp_path)
    left = {path for path in current.parent.iterdir() if path.is_dir()}
    assert left == {current, waiting, lost} and not unused.exists() and not done.exists()


def test_a_copy_that_another_server_lives_from_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import sys, pathlib, ftstudio_ext.jobs.workercopy as w;"
        "print(w.ensure_worker_copy(pathlib.Path(sys.argv[1])), flush=True); input()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(
        command, env={"PYTHONPATH": str(ROOT)}, stdin=-1, stdout=-1, text=True
    ) as server:
        assert server.stdout is not None and server.stdin is not None
        copy = Path(server.stdout.readline().strip())
        monkeypatch.setattr(workercopy, "_digest", lambda contents: "another")
        JobService(tmp_path)
        assert copy.is_dir()
        server.communicate("\n")
    JobService(tmp_path)
    assert not copy.exists()


def test_gpus_are_read_within_what_the_server_may_use() -> None:
    answer = "GPU-aa, NVIDIA H100, 81559, 80000\nGPU-bb, NVIDIA H100, 81559, 500\nnonsense\n"
    assert [gpu.id for gpu in parse_gpus(answer, None)] == ["GPU-aa", "GPU-bb"]
    assert [gpu.id for gpu in parse_gpus(answer, "1")] == ["GPU-bb"]
    assert [gpu.id for gpu in parse_gpus(answer, "GPU-aa")] == ["GPU-aa"]
    assert parse_gpus(answer, "") == []
    assert devices()[-1].id == "cpu" and devices()[-1].memory_total_bytes > 0
