"""Readers and writers of a run directory, at the same time and after crashes."""

from __future__ import annotations

import math
import os
import threading
from pathlib import Path

import pytest

from ftstudio_ext.core.curve import curve
from ftstudio_ext.core.errors import NotFound
from ftstudio_ext.core.files import write_bytes_atomic, write_json_atomic
from ftstudio_ext.jobs import protocol
from ftstudio_ext.jobs.rundir import RunDir
from ftstudio_ext.jobs.worker import Sparkline, WorkerRun, append_line
from ftstudio_ext.schema.errors import ErrorInfo
from ftstudio_ext.schema.jobs import Event

from .conftest import make_spec


@pytest.fixture
def run(tmp_path: Path) -> WorkerRun:
    (tmp_path / "attempts").mkdir()
    (tmp_path / "control").mkdir()
    write_json_atomic(tmp_path / "spec.json", make_spec())
    return WorkerRun(tmp_path, 1)


def steps(run: WorkerRun, after: int = 0, limit: int = 2000) -> list[int | None]:
    return [event.step for event in run.run.events(after, limit).events]


def test_readers_get_whole_lines_while_a_writer_is_in_the_middle_of_one(run: WorkerRun) -> None:
    path = run.run.path / "events.jsonl"
    total = 300

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            for step in range(total):
                line = Event(kind="metric", attempt=1, step=step, text="é" * 50).model_dump_json()
                data = line.encode() + b"\n"
                cut = step % len(data)
                file.write(data[:cut])
                file.write(data[cut:])

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[int | None] = []
    position = 0
    while len(seen) < total:
        page = run.run.events(position, limit=17)
        assert page.position >= position
        seen += [event.step for event in page.events]
        position = page.position
    writer.join()
    assert seen == list(range(total))
    assert not run.run.events(position).more and position == path.stat().st_size


def test_a_torn_last_line_is_mended_and_skipped(run: WorkerRun) -> None:
    run.emit(kind="metric", step=1)
    with (run.run.path / "events.jsonl").open("ab") as file:
        file.write(b'{"kind": "metric", "attempt": 1, "st')
    assert steps(run) == [1]
    run.emit(kind="metric", step=2)
    assert steps(run) == [1, 2]


def test_pages_follow_each_other_without_loss(run: WorkerRun) -> None:
    for step in range(10):
        run.emit(kind="metric", step=step)
    first = run.run.events(0, limit=4)
    assert first.more and [e.step for e in first.events] == [0, 1, 2, 3]
    rest = run.run.events(first.position)
    assert not rest.more and [e.step for e in rest.events] == [4, 5, 6, 7, 8, 9]
    assert steps(run, after=first.position - 3) == [4, 5, 6, 7, 8, 9]  # inside a line: the next one
    assert steps(run, after=10**9) == []


def test_values_that_json_cannot_hold_do_not_lose_the_event(run: WorkerRun) -> None:
    run.emit(kind="metric", step=1, values={"loss": math.nan, "grad_norm": 2.0})
    (event,) = run.run.events().events
    assert event.values == {"grad_norm": 2.0} and event.data == {"not_finite": ["loss"]}


def test_reporting_never_stops_the_work(
    run: WorkerRun, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(*arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    run.emit(kind="metric", step=1)
    run.emit(kind="no such kind")
    run.progress(step="not a number")
    monkeypatch.undo()
    run.fail(ErrorInfo(code="x", message="y"))
    assert "could not write an event" in capfd.readouterr().err


def test_progress_is_written_once_a_second_but_a_new_phase_at_once(run: WorkerRun) -> None:
    run.phase("loading")
    run.progress(step=1)
    assert run.run.progress().step == 0
    run.phase("training")
    assert (run.run.progress().phase, run.run.progress().step) == ("training", 1)


def test_control_tells_the_strongest_request(run: WorkerRun) -> None:
    assert run.control() is None
    for verb in ("checkpoint_now", "stop_and_save", "stop"):
        protocol.control_file(run.run.path, 1, verb).touch()
        assert run.control() == verb
    protocol.control_file(run.run.path, 1, "stop").unlink()
    protocol.control_file(run.run.path, 1, "stop_and_save").unlink()
    protocol.control_file(run.run.path, 1, "checkpoint_now").touch()
    assert [run.control(), run.control()] == ["checkpoint_now", None]


def test_what_the_worker_records_joins_its_attempt(run: WorkerRun) -> None:
    protocol.update_attempt(run.run.path, 1, token="t")
    run.record(device="cpu")
    run.record(versions={"torch": "2.13"}, resumed_from_step=4)
    (attempt,) = run.run.attempts()
    assert (attempt.device, attempt.versions, attempt.token) == ("cpu", {"torch": "2.13"}, "t")


def test_log_pages_end_at_line_ends(run: WorkerRun) -> None:
    log = run.run.path / "log.txt"
    assert run.run.log().text == ""
    log.write_bytes("eins\nzwei\n10%\r20%\rünf".encode())
    page = run.run.log(after=0)
    assert page.text == "eins\nzwei\n10%\r20%\r" and page.size == log.stat().st_size
    with log.open("ab") as file:
        file.write(b"ertig\n")
    assert run.run.log(after=page.position).text == "ünfertig\n"
    assert run.run.log(tail=2).text.endswith("ünfertig\n")


def test_sparkline_stays_small_and_true() -> None:
    line = Sparkline()
    for value in range(10_000):
        line.add(float(value))
        assert len(line.points()) <= 32
    points = line.points()
    assert points == sorted(points) and points[0] < 600 and points[-1] > 9000


def test_curve_drops_what_a_resumed_attempt_takes_back() -> None:
    def metric(attempt: int, step: int) -> Event:
        return Event(kind="metric", attempt=attempt, step=step)

    events = [metric(1, step) for step in range(1, 7)]
    events += [Event(kind="resumed", attempt=2, from_step=4), metric(2, 5)]
    events += [Event(kind="resumed", attempt=3, from_step=2), metric(3, 3)]
    kept = [(e.attempt, e.step) for e in curve(events) if e.kind == "metric"]
    assert kept == [(1, 1), (1, 2), (3, 3)]
    unsaid = [metric(1, 1), metric(1, 2), metric(2, 1)]
    assert [(e.attempt, e.step) for e in curve(unsaid)] == [(2, 1)]


def test_a_folder_without_a_spec_is_no_job(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        RunDir(tmp_path / "nothing").spec()
    assert RunDir(tmp_path).state().state == "lost"
    assert RunDir(tmp_path).events().events == []


def test_an_atomic_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_bytes_atomic(path, b"old")

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_bytes_atomic(path, b"new")
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["file"]


def test_lines_appended_from_several_processes_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    threads = [
        threading.Thread(target=lambda: [append_line(path, b"x" * 99 + b"\n") for _ in range(200)])
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {len(line) for line in path.read_bytes().splitlines() if line} == {99}


def test_files_heed_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_bytes_atomic(tmp_path / "file", b"mine")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
