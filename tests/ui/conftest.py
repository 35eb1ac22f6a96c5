"""JupyterLab as people have it: a real server with token and XSRF check, a real Chromium."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright import sync_api as playwright

REPOSITORY = Path(__file__).resolve().parents[2]
OUTPUT = REPOSITORY / "ui-tests-output"
EXTENSION = "ftstudio-ext"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]
START_TIMEOUT_S = 60
# A limit against hanging, not a promise of speed: a busy machine is slow.
playwright.expect.set_options(timeout=20_000)


@dataclass
class Lab:
    """A running JupyterLab. `root` is the folder that its file browser shows."""

    url: str
    token: str
    root: Path
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"{self.url}/lab?token={self.token}"


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Variables of the server beside the usual ones; for test modules to override."""
    return {}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Lab]:
    """A server of its own, with nothing of the user's settings in it."""
    home = tmp_path_factory.mktemp("jupyter")
    root = tmp_path_factory.mktemp("root")
    port, token = _free_port(), secrets.token_hex(16)
    _quiet_settings(home / "settings")
    command = [sys.executable, "-m", "jupyterlab", *_options(home, root, port)]
    log = (home / "server.log").open("wb")
    process = subprocess.Popen(
        command,
        cwd=root,
        env={**_environment(home, token), **environment},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    lab = Lab(f"http://127.0.0.1:{port}", token, root, process)
    try:
        _wait_until_ready(lab, home / "server.log")
        yield lab
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[playwright.Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.fail("Chromium is missing; install it: apt-get install chromium fonts-dejavu")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: playwright.Browser, request: pytest.FixtureRequest) -> Iterator[playwright.Page]:
    """A fresh window; the test fails when the page had an uncaught error, or
    the console a complaint, of ours. Leaves a picture of how it looked at the end."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error.message}\n{error.stack}"))
    page.on("console", lambda said: errors.extend(_complaint(said)))
    yield page
    shoot(page, f"end-of-{request.node.name}")
    context.close()
    ours = [error for error in errors if EXTENSION in error or "ftstudio" in error.lower()]
    assert not ours, "\n".join(ours)


def _complaint(said: playwright.ConsoleMessage) -> list[str]:
    """Errors and warnings in the console; the browser's own note of a refused request is none."""
    if said.type not in ("error", "warning") or said.text.startswith("Failed to load resource"):
        return []
    return [f"{said.text}\n{said.location}"]


def shoot(page: playwright.Page, name: str) -> None:
    """Keep a picture in ui-tests-output/ (git-ignored), for people to look at."""
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=str(OUTPUT / f"{name}.png"))


def open_lab(page: playwright.Page, address: str) -> None:
    """Load JupyterLab and wait until it can be used."""
    page.goto(address)
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    page.wait_for_selector("#jp-main-dock-panel", timeout=60_000)
    # A fresh session shows the file browser once the layout is restored, over whatever sidebar
    # was opened before: what JupyterLab does then comes first.
    page.evaluate("() => window.jupyterapp.restored.then(() => new Promise(requestAnimationFrame))")


def run_command(page: playwright.Page, command: str, **args: str) -> None:
    """Execute a command of JupyterLab."""
    page.evaluate(
        "([command, args]) => window.jupyterapp.commands.execute(command, args).then(() => null)",
        [command, args],
    )


def set_sidebar_width(page: playwright.Page, width: int) -> None:
    """Drag the handle beside the sidebar, as people do."""
    box = page.locator("#jp-left-stack").bounding_box()
    assert box is not None
    edge, middle = box["x"] + box["width"] + 1, box["y"] + box["height"] / 2
    page.mouse.move(edge, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + width, middle, steps=5)
    page.mouse.up()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _options(home: Path, root: Path, port: int) -> list[str]:
    options = [
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.jpserver_extensions={'ftstudio_ext': True}",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        f"--LabApp.user_settings_dir={home / 'settings'}",
        f"--LabApp.workspaces_dir={home / 'workspaces'}",
    ]
    if (own := _unpacked_extension(home)) is not None:
        options.append(f"--LabApp.extra_labextensions_path={own}")
    return options


def _unpacked_extension(home: Path) -> Path | None:
    """A folder with the repository's own build, where the package itself is not installed."""
    installed = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / EXTENSION
    if installed.exists():
        return None
    built = REPOSITORY / "labextension"
    if not (built / "package.json").exists():
        pytest.fail("The JupyterLab extension is not built: run `jlpm build`, or `pip install .`")
    folder = home / "labextensions"
    folder.mkdir()
    (folder / EXTENSION).symlink_to(built)
    return folder


def _environment(home: Path, token: str) -> dict[str, str]:
    return {
        **os.environ,
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "PYTHONPATH": str(REPOSITORY),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "2",
    }


def _quiet_settings(folder: Path) -> None:
    """No news, and no questions about them."""
    own = folder / "@jupyterlab" / "apputils-extension"
    own.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (own / "notification.jupyterlab-settings").write_text(json.dumps(quiet))


def _wait_until_ready(lab: Lab, log: Path) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    request = urllib.request.Request(
        f"{lab.url}/ftstudio/api/status", headers={"Authorization": f"token {lab.token}"}
    )
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(request, timeout=20):
                return
        except OSError:
            if lab.process.poll() is not None:
                break
            time.sleep(0.3)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-4000:]}")
