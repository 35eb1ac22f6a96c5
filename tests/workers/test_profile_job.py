"""The profile and clean jobs as processes: whole or not there, stopped when asked to, and in memory
that does not grow with the file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ftstudio_ext.core.files import read_json, write_json_atomic
from ftstudio_ext.jobs.protocol import EXIT_STOPPED, control_file, error_file
from ftstudio_ext.jobs.rundir import RunDir
from ftstudio_ext.schema.datasets import Dataset, DerivedSource
from ftstudio_ext.schema.jobs import JobSpec
from ftstudio_ext.schema.profiles import ResolvedCleaning, ResolvedProfile
from ftstudio_ext.workers.data_files import SplitWriter, staging, write_record

REPOSITORY = Path(__file__).parents[2]


def write_dataset(folder: Path, rows: int, characters: int = 60) -> Dataset:
    """Rows that differ, of about this many characters, with one repetition."""
    words, draw = np.array([f"w{n:x}" for n in range(997)]), np.random.default_rng(0)
    with staging(folder) as place:
        writer = SplitWriter(place, "train")
        for start in range(0, rows, 1_000):
            count = min(1_000, rows - start)
            texts = [
                " ".join(row) for row in words[draw.integers(997, size=(count, characters // 5))]
            ]
            if start == 0:
                texts[1] = texts[0]
            batch = pa.record_batch({"text": texts})
            writer.write(batch)
        source = {"source": "file", "path": "x.jsonl"}
        splits = [writer.finish(batch.schema)]
        return write_record(
            place,
            dataset_id="ds_1",
            name="x",
            source=source,
            schema=batch.schema,
            splits=splits,
        )


class Job:
    """A run directory and its worker."""

    def __init__(self, workspace: Path, type: str, module: str, spec: Any, resolved: Any) -> None:
        self.run = RunDir(workspace / "jobs" / f"job-{type}")
        (self.run.path / "attempts").mkdir(parents=True)
        (self.run.path / "control").mkdir()
        self.module = f"ftstudio_ext.workers.{module}"
        write_json_atomic(
            self.run.path / "spec.json",
            JobSpec(
                id=self.run.path.name,
                type=type,  # type: ignore[arg-type]
                name=type,
                request_id=type,
                module=self.module,
                python=sys.executable,
                pythonpath=str(REPOSITORY),
                spec=spec,
                resolved=resolved.model_dump(mode="json"),
            ),
        )

    def start(self, attempt: int = 1) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", self.module, str(self.run.path), str(attempt)],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def work(self, attempt: int = 1) -> int:
        process = self.start(attempt)
        said, _ = process.communicate(timeout=120)
        assert process.returncode in (0, EXIT_STOPPED), said
        return process.returncode

    def ask_to_stop(self, attempt: int = 1) -> None:
        control_file(self.run.path, attempt, "stop").touch()

    def phase(self) -> str | None:
        progress = self.run.progress()
        return progress.phase if progress else None


def profile_job(workspace: Path, dataset: Dataset, folder: Path) -> Job:
    resolved = ResolvedProfile(dataset=dataset.model_dump(mode="json"), dataset_dir=str(folder))
    return Job(workspace, "profile", "profile", {"dataset": "ds_1"}, resolved)


def clean_job(workspace: Path, dataset: Dataset, folder: Path) -> Job:
    source = DerivedSource(dataset_id="ds_1", dataset="x")
    made = Dataset(id="ds_2", name="x-clean", source=source)
    resolved = ResolvedCleaning(
        dataset=made.model_dump(mode="json"),
        dataset_dir=str(folder.parent / "ds_2"),
        origin=dataset.model_dump(mode="json"),
        origin_dir=str(folder),
        marks=str(folder / read_json(folder / "profile.json")["marks_file"]),
    )
    fixes = [{"kind": "dedupe", "finding": "duplicates"}]
    return Job(workspace, "clean", "clean_dataset", {"dataset": "ds_1", "fixes": fixes}, resolved)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_job_asked_to_stop_ends_and_leaves_nothing(tmp_path: Path):
    folder = tmp_path / "datasets" / "ds_1"
    dataset = write_dataset(folder, 2_000)
    whole = names(folder)
    job = profile_job(tmp_path, dataset, folder)
    job.ask_to_stop()
    assert job.work() == EXIT_STOPPED
    assert names(folder) == whole

    assert job.work(attempt=2) == 0
    assert names(folder) == whole | {"profile.json", "profile-job-profile.arrow"}
    clean = clean_job(tmp_path, dataset, folder)
    clean.ask_to_stop()
    assert clean.work() == EXIT_STOPPED
    assert names(folder.parent) == {"ds_1"}
    assert clean.work(attempt=2) == 0
    assert read_json(folder.parent / "ds_2" / "dataset.json")["rows"] == 1_999


@pytest.mark.parametrize("kind", ["profile", "clean"])
def test_a_killed_job_leaves_nothing_half_done(tmp_path: Path, kind: str):
    folder = tmp_path / "datasets" / "ds_1"
    dataset = write_dataset(folder, 60_000)
    job = profile_job(tmp_path, dataset, folder)
    before, expected = names(folder), {"profile.json", "profile-job-profile.arrow"}
    if kind == "clean":
        assert job.work() == 0
        before = names(folder)
        job, expected = clean_job(tmp_path, dataset, folder), set()
    process = job.start()
    try:
        while not job.phase():
            assert process.poll() is None
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.communicate()
    assert process.returncode == -signal.SIGKILL, "it was faster than the kill"
    assert names(folder) == before
    assert not (folder.parent / "ds_2").exists()
    assert job.work(attempt=2) == 0
    assert names(folder) == before | expected


def test_marks_that_a_kill_left_without_a_profile_are_swept(tmp_path: Path):
    folder = tmp_path / "datasets" / "ds_1"
    dataset = write_dataset(folder, 100)
    (folder / "profile-job-killed.arrow").write_bytes(b"half a f")
    assert profile_job(tmp_path, dataset, folder).work() == 0
    assert {"profile.json", "profile-job-profile.arrow"} <= names(folder)
    assert "profile-job-killed.arrow" not in names(folder)


def test_a_copy_of_findings_that_are_no_more_is_refused_in_words(tmp_path: Path):
    folder = tmp_path / "datasets" / "ds_1"
    dataset = write_dataset(folder, 100)
    assert profile_job(tmp_path, dataset, folder).work() == 0
    job = clean_job(tmp_path, dataset, folder)
    (folder / "profile-job-profile.arrow").unlink()
    process = job.start()
    process.communicate()
    assert process.returncode == 1
    error = read_json(error_file(job.run.path, 1))
    assert "examined again" in error["message"] and error["remedy"]
    assert names(folder.parent) == {"ds_1"}


PEAK = """
import sys, threading, time
from pathlib import Path
from ftstudio_ext.core.files import read_json
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.profiles import ProfileSpec
from ftstudio_ext.workers.profile import profile_of
from ftstudio_ext.workers.profiling.reading import Source
# Memory of its own: mapped pages of the dataset's files are the system's, which takes them back.
peak = 0
def watch():
    global peak
    while True:
        lines = Path("/proc/self/status").read_text().splitlines()
        own = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
        peak = max(peak, own)
        time.sleep(0.005)
threading.Thread(target=watch, daemon=True).start()
folder = Path(sys.argv[1])
source = Source(Dataset.model_validate(read_json(folder / "dataset.json")), folder)
profile_of(source, None, None, ProfileSpec(dataset="x"), lambda phase, done, total: None)
print(peak * 1024)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path):
    peaks, sizes = [], []
    for number, rows in enumerate((4_000, 40_000)):
        folder = tmp_path / str(number) / "ds_1"
        sizes.append(write_dataset(folder, rows, characters=2_000).bytes)
        said = subprocess.run(
            [sys.executable, "-c", PEAK, str(folder)],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(said.stdout))
    assert sizes[1] - sizes[0] > 60_000_000
    assert peaks[1] - peaks[0] < (sizes[1] - sizes[0]) / 2
