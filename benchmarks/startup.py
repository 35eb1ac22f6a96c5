"""What the server extension adds to the start of a Jupyter server.

Starts `jupyter lab` again and again, in turn with and without the extension, each time in a
fresh process and a fresh configuration, until it answers a request. Reports the medians of the
time on the clock and of the processor time of the server process up to then.

    python benchmarks/startup.py [--runs 20]
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
from pathlib import Path
from typing import NamedTuple

import psutil

ROOT = Path(__file__).parents[1]
LIMIT_S = 0.3
PATIENCE_S = 60


class Start(NamedTuple):
    """Seconds until the first answer."""

    clock_s: float
    processor_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20, help="Starts of each kind.")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as home:
        start_server(Path(home), extension=True)  # fills the caches of byte code and files
        pairs = [measure_pair(Path(home), number, runs) for number in range(runs)]
    print("| | without | with | added | ratio |")
    print("|---|---:|---:|---:|---:|")
    report("time on the clock", [(a.clock_s, b.clock_s) for a, b in pairs])
    added = report("processor time", [(a.processor_s, b.processor_s) for a, b in pairs])
    if added > LIMIT_S:
        sys.exit(f"The extension adds {added:.2f} s of processor time; the limit is {LIMIT_S} s.")


def measure_pair(home: Path, number: int, runs: int) -> tuple[Start, Start]:
    """One start of each kind; which comes first alternates."""
    order = (False, True) if number % 2 == 0 else (True, False)
    measured = {extension: start_server(home, extension) for extension in order}
    print(f"run {number + 1}/{runs}: {measured[False]} {measured[True]}", file=sys.stderr)
    return measured[False], measured[True]


def start_server(home: Path, extension: bool) -> Start:
    port = free_port()
    work = home / "work"
    work.mkdir(exist_ok=True)
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--allow-root"),
        *(f"--ServerApp.root_dir={work}", f"--ServerApp.port={port}"),
        "--IdentityProvider.token=",
    ]
    environment = {name: value for name, value in os.environ.items() if "JUPYTER" not in name}
    environment |= {
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_DIR": str(configuration(home, extension)),
    }
    began = time.perf_counter()
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=work)
    try:
        wait_for_answer(f"http://127.0.0.1:{port}/api", server, home / "server.log")
        clock_s = time.perf_counter() - began
        spent = psutil.Process(server.pid).cpu_times()
        check_extension(f"http://127.0.0.1:{port}/ftstudio/api/openapi.json", there=extension)
        return Start(round(clock_s, 3), round(spent.user + spent.system, 3))
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def configuration(home: Path, extension: bool) -> Path:
    """A configuration folder that switches the extension on or off, as `jupyter server
    extension enable` and `disable` do."""
    folder = home / ("with" if extension else "without")
    folder.mkdir(exist_ok=True)
    switch = {"ServerApp": {"jpserver_extensions": {"ftstudio_ext": extension}}}
    (folder / "jupyter_server_config.json").write_text(json.dumps(switch))
    return folder


def wait_for_answer(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=PATIENCE_S).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.005)
    sys.exit(f"The server did not start:\n{log.read_text()[-3000:]}")


def check_extension(url: str, there: bool) -> None:
    """That the two kinds of start really differ."""
    try:
        urllib.request.urlopen(url, timeout=PATIENCE_S).close()
        found = True
    except urllib.error.HTTPError as error:
        found = error.code != 404
    if found != there:
        sys.exit(f"The extension is {'' if found else 'not '}loaded, which should not be so.")


def report(what: str, pairs: list[tuple[float, float]]) -> float:
    """Print a line of the table; answers the median of what each pair shows as added."""
    without = statistics.median(a for a, _ in pairs)
    with_it = statistics.median(b for _, b in pairs)
    added = statistics.median(b - a for a, b in pairs)
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"| {what} | {without:.2f} s | {with_it:.2f} s | {added:+.2f} s | {ratio:.2f} |")
    return added


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
