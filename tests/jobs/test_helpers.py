"""Resident helpers: quick answers from a process that may crash, hang or fall asleep."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ftstudio_ext.core.errors import Forbidden, InvalidInput, NotFound, StudioError, Unavailable
from ftstudio_ext.jobs import helper_link, identity
from ftstudio_ext.jobs.helpers import HelperHost
from ftstudio_ext.jobs.runtime import runtime_dir

from .conftest import PYTHONPATH, kill

ECHO = "resident.echo"


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[HelperHost]:
    place = runtime_dir(tmp_path / "workspace")
    host = HelperHost(place, sys.executable, PYTHONPATH, idle_timeout_s=60)
    yield host
    await host.close()
    for path in place.iterdir():
        path.unlink()
    place.rmdir()


async def until(done: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.02)


def gone(pid: int) -> Callable[[], bool]:
    return lambda: identity.start_ticks(pid) is None


async def test_one_process_answers_many_calls_at_once(host: HelperHost) -> None:
    pids = await asyncio.gather(*(host.call(ECHO, "pid", {}) for _ in range(10)))
    assert set(pids) == {host.pid(ECHO)}
    big = {"text": "ä" * 2_000_000}
    assert await host.call(ECHO, "echo", big) == big
    await host.close()
    assert gone(pids[0])()


async def test_progress_arrives_before_the_result(host: HelperHost) -> None:
    seen: list[dict] = []
    assert await host.call(ECHO, "count", {"to": 5}, on_progress=seen.append) == 5
    assert [step["number"] for step in seen] == [0, 1, 2, 3, 4]


async def test_errors_come_back_as_themselves(host: HelperHost) -> None:
    with pytest.raises(NotFound) as found:
        await host.call(ECHO, "refuse", {"how": "not_found"})
    assert (found.value.message, found.value.remedy) == ("No such file.", "Look again.")
    with pytest.raises(InvalidInput) as ragged:
        await host.call(ECHO, "refuse", {"how": "own_code"})
    assert (ragged.value.code, ragged.value.field) == ("ragged_csv", "source")
    with pytest.raises(StudioError, match="ZeroDivisionError: oops"):
        await host.call(ECHO, "refuse", {"how": "bug"})
    with pytest.raises(StudioError, match="no verb 'fly'"):
        await host.call(ECHO, "fly", {})


async def test_a_crash_is_said_and_the_next_call_starts_anew(host: HelperHost) -> None:
    first = await host.call(ECHO, "pid", {})
    waiting = asyncio.ensure_future(host.call(ECHO, "hang", {}))
    await asyncio.sleep(0.05)
    with pytest.raises(Unavailable, match=r"SIGKILL.*memory"):
        await host.call(ECHO, "die", {})
    with pytest.raises(Unavailable):
        await waiting
    assert await host.call(ECHO, "pid", {}) != first


async def test_a_helper_killed_while_idle_is_replaced_without_an_error(host: HelperHost) -> None:
    first = await host.call(ECHO, "pid", {})
    kill(first)
    await until(lambda: host.pid(ECHO) is None)
    assert await host.call(ECHO, "pid", {}) != first


async def test_a_timeout_cancels_the_verb(host: HelperHost, tmp_path: Path) -> None:
    pid = await host.call(ECHO, "pid", {})
    note = tmp_path / "note"
    with pytest.raises(Unavailable, match=r"longer than 0\.2 s") as late:
        await host.call(ECHO, "wait", {"note": str(note)}, timeout_s=0.2)
    assert late.value.code == "timeout"
    await until(note.exists)
    assert await host.call(ECHO, "pid", {}) == pid


async def test_a_cancelled_task_cancels_the_verb(host: HelperHost, tmp_path: Path) -> None:
    note = tmp_path / "note"
    task = asyncio.ensure_future(host.call(ECHO, "wait", {"note": str(note)}))
    await until(lambda: host.pid(ECHO))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(note.exists)


async def test_a_verb_that_hangs_costs_the_helper_its_place(
    host: HelperHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper_link, "CANCEL_GRACE_S", 0.3)
    pid = await host.call(ECHO, "pid", {})
    with pytest.raises(Unavailable):
        await host.call(ECHO, "hang", {}, timeout_s=0.1)
    await until(gone(pid))
    assert await host.call(ECHO, "pid", {}) != pid


async def test_an_idle_helper_ends_and_comes_back(host: HelperHost) -> None:
    host.idle_timeout_s = 0.2
    pid = await host.call(ECHO, "pid", {})
    await until(gone(pid))
    assert host.pid(ECHO) is None
    assert await host.call(ECHO, "pid", {}) != pid


async def test_a_helper_ends_with_its_server(host: HelperHost, tmp_path: Path) -> None:
    code = (
        "import asyncio, os, sys; from pathlib import Path\n"
        "from ftstudio_ext.jobs.helpers import HelperHost\n"
        "async def main():\n"
        f"    host = HelperHost(Path({str(host.runtime_dir)!r}), sys.executable, {PYTHONPATH!r})\n"
        f"    print(await host.call({ECHO!r}, 'pid', {{}}), flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code),
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await server.communicate()
    await until(gone(int(output)))


async def test_a_helper_that_cannot_start_says_why(host: HelperHost) -> None:
    with pytest.raises(Unavailable, match="no_such_helper") as error:
        await host.call("no_such_helper", "rows", {})
    assert "pip install" in (error.value.remedy or "")
    host.python = "/nowhere/python"
    with pytest.raises(Unavailable, match="/nowhere/python"):
        await host.call(ECHO, "pid", {})


async def test_helpers_get_no_secrets_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "hub-secret")
    monkeypatch.setenv("HF_TOKEN", "hf-secret")
    host = HelperHost(runtime_dir(tmp_path), sys.executable, PYTHONPATH)
    environ = await host.call(ECHO, "environment", {})
    await host.close()
    assert environ["HF_TOKEN"] == "hf-secret" and "hub-secret" not in environ.values()


def test_sockets_lie_in_a_private_folder_with_a_short_path(tmp_path: Path) -> None:
    root = Path("/tmp") / f"ftstudio-test-{os.getpid()}"
    root.mkdir()
    try:
        place = runtime_dir(tmp_path / ("deep/" * 40), root)
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert len(str(place / "data-1234567-1.sock")) <= 107
        place.rmdir()
        place.parent.rmdir()
        place.parent.symlink_to(tmp_path)
        with pytest.raises(Forbidden, match="not a folder of your own"):
            runtime_dir(tmp_path, root)
    finally:
        place.parent.unlink(missing_ok=True)
        root.rmdir()
    with pytest.raises(Unavailable, match="no folder"):
        runtime_dir(tmp_path, tmp_path / "x" / ("y" * 100))
