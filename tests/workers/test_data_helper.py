"""The data helper as the server has it: its own process, behind a socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

import ftstudio_ext
from ftstudio_ext.core.errors import InvalidInput, NotFound, Unavailable
from ftstudio_ext.jobs.helpers import HelperHost


@pytest.fixture
async def host(tmp_path_factory):
    package = Path(ftstudio_ext.__file__).parent.parent
    runtime = tmp_path_factory.mktemp("run")
    runtime.chmod(0o700)
    made = HelperHost(runtime, sys.executable, package, dict(os.environ))
    yield made
    await made.close()


def import_params(root: Path, path: str, dataset_id: str) -> dict:
    return {
        "source": {"source": "file", "path": path},
        "root_dir": str(root),
        "dest_dir": str(root / "datasets" / dataset_id),
        "dataset_id": dataset_id,
    }


async def test_import_then_rows_then_render(host: HelperHost, tmp_path: Path):
    lines = "".join(f'{{"q": "question {n}", "a": {n}}}\n' for n in range(3_000))
    (tmp_path / "x.jsonl").write_text(lines)
    told: list[dict] = []
    result = await host.call(
        "data", "import", import_params(tmp_path, "x.jsonl", "d1"), on_progress=told.append
    )
    assert (result["rows"], result["splits"][0]["file"]) == (3_000, "train.arrow")
    assert told and {"phase", "bytes", "total_bytes", "rows"} <= told[0].keys()
    place = {"dataset_dir": str(tmp_path / "datasets" / "d1"), "split_file": "train.arrow"}
    page = await host.call("data", "rows", {**place, "offset": 2_999, "limit": 5})
    assert page == {"rows": [{"q": "question 2999", "a": 2_999}], "total": 3_000}
    prompt = {"prompt_template": "Q: {q}\n", "completion_template": "{a}"}
    made = await host.call("data", "render", {**place, "rows": [7], "prompt": prompt})
    row = made["rows"][0]
    assert (row["prompt"], row["completion"]) == ("Q: question 7\n", "7")


async def test_errors_cross_the_socket_with_their_kind(host: HelperHost, tmp_path: Path):
    (tmp_path / "x.csv").write_text("a,b\n1\n")
    with pytest.raises(InvalidInput) as caught:
        await host.call("data", "import", import_params(tmp_path, "x.csv", "d1"))
    assert caught.value.field == "source.path" and "row 1 (line 2)" in caught.value.message
    assert caught.value.remedy
    with pytest.raises(NotFound):
        await host.call("data", "import", import_params(tmp_path, "nothing.csv", "d1"))
    with pytest.raises(InvalidInput, match=r"no config\.json"):
        await host.call("data", "model_facts", {"path": str(tmp_path)})


async def test_a_cancelled_import_leaves_nothing(host: HelperHost, tmp_path: Path):
    with (tmp_path / "x.jsonl").open("w") as file:
        file.writelines(f'{{"n": {n}, "text": "{"word " * 100}"}}\n' for n in range(150_000))
    started = asyncio.Event()
    call = asyncio.create_task(
        host.call(
            "data",
            "import",
            import_params(tmp_path, "x.jsonl", "d1"),
            on_progress=lambda fields: started.set(),
        )
    )
    await started.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    for _ in range(100):
        if not list((tmp_path / "datasets").iterdir()):
            break
        await asyncio.sleep(0.05)
    assert not list((tmp_path / "datasets").iterdir())


async def test_a_killed_helper_is_started_anew_and_has_left_no_dataset(
    host: HelperHost, tmp_path: Path
):
    (tmp_path / "small.jsonl").write_text('{"text": "one"}\n{"text": "TWO"}\n')
    await host.call("data", "import", import_params(tmp_path, "small.jsonl", "d1"))
    with (tmp_path / "x.jsonl").open("w") as file:
        file.writelines(f'{{"n": {n}, "text": "{"word " * 100}"}}\n' for n in range(50_000))
    first = host.pid("data")
    assert first

    def kill(_progress: dict) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(first, signal.SIGKILL)

    with pytest.raises(Unavailable, match="SIGKILL"):
        await host.call(
            "data", "import", import_params(tmp_path, "x.jsonl", "d2"), on_progress=kill
        )
    assert not (tmp_path / "datasets" / "d2").exists()
    place = {"dataset_dir": str(tmp_path / "datasets" / "d1"), "split_file": "train.arrow"}
    found = await host.call("data", "search_rows", {**place, "q": "two"})
    assert (found["rows"], found["indices"]) == ([{"text": "TWO"}], [1])
    assert host.pid("data") not in (None, first)
