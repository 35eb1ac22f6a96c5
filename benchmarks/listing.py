"""What a thousand finished jobs cost: the list of jobs, and the start of the server.

Fills a workspace with finished training jobs (specification, state, progress, events, attempts,
two sealed checkpoints each), starts a Jupyter server with the extension on it and on an empty
one in turn, and asks for the list again and again while the server looks after the jobs.

    python benchmarks/listing.py [--jobs 1000] [--requests 500] [--starts 5]
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ftstudio_ext.jobs import checkpoints, protocol

ROOT = Path(__file__).parents[1]
LIST_LIMIT_MS = 50.0
START_LIMIT_S = 0.5
PATIENCE_S = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--starts", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        full, empty = Path(home, "full"), Path(home, "empty")
        empty.mkdir()
        fill(full / "ftstudio", arguments.jobs)
        added = starts(full, empty, arguments.starts)
        worst = answers(full, arguments.requests)
    if worst > LIST_LIMIT_MS or added > START_LIMIT_S:
        sys.exit(f"The limits are {LIST_LIMIT_MS} ms and {START_LIMIT_S} s.")


def fill(workspace: Path, count: int) -> None:
    """Run directories as training leaves them, of every final state."""
    for number in range(count):
        run_dir = workspace / "jobs" / f"job-{number:016x}"
        for name in ("attempts", "control", "result", "checkpoints"):
            (run_dir / name).mkdir(parents=True)
        state = ("succeeded", "succeeded", "succeeded", "failed", "stopped")[number % 5]
        write(run_dir / "spec.json", specification(run_dir.name, number))
        write(run_dir / "user.json", {"name": f"run-{number}", "priority": 0, "hold": False})
        write(run_dir / "state.json", {"state": state, "attempt": 1, "reason": None})
        protocol.write_state(run_dir, state=state, finished_at=protocol.now_text())
        os.utime(run_dir / "state.json", (time.time() - 86_400,) * 2)
        losses = [1 / (step + 1) for step in range(32)]
        progress = {"attempt": 1, "step": 200, "total_steps": 200, "sparkline": losses}
        write(run_dir / "progress.json", progress)
        write(run_dir / "attempts/1.json", {"attempt": 1, "token": "x", "outcome": state})
        event = {"kind": "metric", "attempt": 1, "time": protocol.now_text(), "values": {"loss": 1}}
        (run_dir / "events.jsonl").write_text((json.dumps(event) + "\n") * 200)
        (run_dir / "log.txt").write_text("a line of the log\n" * 100)
        for step in (100, 200):
            folder = run_dir / "checkpoints" / f"checkpoint-{step}"
            folder.mkdir()
            for name in ("adapter_model.safetensors", "optimizer.pt", "trainer_state.json"):
                (folder / name).write_bytes(b"{}")
            checkpoints.seal(folder)


def specification(id: str, number: int) -> dict[str, object]:
    records = {
        noun: {"id": f"{noun}-{number % 7}", "name": f"{noun} {number % 7}", "facts": {"a": 1}}
        for noun in ("base_model", "dataset", "prompt")
    }
    return {
        "id": id,
        "type": "train",
        "name": f"run-{number}",
        "request_id": id,
        "module": "ftstudio_ext.workers.train",
        "python": sys.executable,
        "pythonpath": "/nowhere",
        "spec": {"name": f"run-{number}", "lora": {"r": 16, "alpha": 32}, "epochs": 3},
        "resolved": {**records, "adapter_id": f"ad_{number}"},
    }


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1))


@contextmanager
def server(root: Path) -> Iterator[tuple[str, float]]:
    """(its address, seconds until it answered for the first time)."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"),
        *(f"--ServerApp.root_dir={root}", f"--ServerApp.port={port}", "--IdentityProvider.token="),
        "--ServerApp.jpserver_extensions=ftstudio_ext=True",
    ]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_DIR": str(root / ".jupyter"),
    }
    began = time.perf_counter()
    with (root / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=root)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api", process)
        yield address, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit and process.poll() is None:
        try:
            get(url)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.005)
        else:
            return
    sys.exit("The server did not start.")


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        return answer.read()


def starts(full: Path, empty: Path, count: int) -> float:
    """How much later a server answers on a full workspace; the median of pairs."""
    pairs = []
    for number in range(count + 1):
        took = {}
        for root in (full, empty) if number % 2 else (empty, full):
            with server(root) as (_, seconds):
                took[root] = seconds
        pairs.append((took[empty], took[full]))
    pairs = pairs[1:]  # the first pair fills the caches
    without, with_jobs = (statistics.median(side) for side in zip(*pairs, strict=True))
    added = statistics.median(b - a for a, b in pairs)
    print(f"| server start | {without:.2f} s empty | {with_jobs:.2f} s full | {added:+.2f} s |")
    return added


def answers(root: Path, count: int) -> float:
    """Latency of the list right after a start, and over many requests; the latter's p99."""
    with server(root) as (address, _):
        jobs = f"{address}/ftstudio/api/jobs"
        print(f"| first list after a start | {timed(jobs):.0f} ms |")
        worst = []
        for query in ("?limit=50", "?limit=50&state=failed,stopped", "?limit=50&q=run-99"):
            times = sorted(timed(jobs + query) for _ in range(count))
            p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
            print(f"| `jobs{query}` | p50 {p50:.1f} ms | p99 {p99:.1f} ms |")
            worst.append(p99)
        storage = f"{address}/ftstudio/api/storage"
        print(f"| `storage`, looked at anew | {timed(storage + '?refresh=true'):.0f} ms |")
        print(f"| `storage`, again | {timed(storage):.0f} ms |")
        times = sorted(timed(f"{address}/ftstudio/api/status") for _ in range(50))
        print(f"| `status` | p50 {times[25]:.1f} ms |")
    return max(worst)


def timed(url: str) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    get(url)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
