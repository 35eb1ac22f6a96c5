"""Runs from a notebook: started, waited for, stopped, and seen through a killed server."""

from __future__ import annotations

import shutil
import threading
import time
from functools import partial

import pytest

from ftstudio_ext import Studio
from ftstudio_ext.notebook import job as job_module
from ftstudio_ext.notebook.errors import JobFailed, StudioApiError, WaitInterrupted
from ftstudio_ext.notebook.following import follow

from .conftest import SHORT, furnish
from .server import JupyterServer

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def finished(running: JupyterServer):
    """A finished run in 4 bits, which several tests look at."""
    studio = Studio(url=running.url, token=running.token)
    furnish(studio, running)
    job = studio.train(base_model="tiny", dataset="colours", prompt="say it", **SHORT)
    return job.wait(progress=False, timeout_s=120)


def test_a_run_has_numbers_and_leaves_an_adapter(finished):
    assert finished.state == "succeeded" and finished.name.startswith("colours-tiny")
    rows = finished.metrics(frame=False)
    assert [row["step"] for row in rows if "loss" in row] == [1, 2, 3, 4]
    frame = finished.metrics()
    assert list(frame["step"]) == [row["step"] for row in rows] and "learning_rate" in frame
    assert finished.spec["lora"]["r"] == 4
    adapter = finished.adapter()
    assert adapter.name == finished.name and adapter.manifest.method == "qlora"
    assert "tiny" in adapter._repr_html_()


def test_a_run_is_drawn(finished):
    chart = finished.plot()
    assert [step for step, _ in chart.series["loss"]] == [1, 2, 3, 4]
    assert "<polyline" in chart._repr_html_() and repr(chart).startswith("<Chart loss: ")
    assert list(finished.plot("learning_rate").series) == ["learning_rate"]
    assert "No numbers yet" in finished.plot("nonsense")._repr_html_()
    view = finished.watch()
    view.join(20)
    assert "<polyline" in view.chart.value and "succeeded" in view.title.value
    view.close()


def test_an_adapter_is_exported_into_a_folder(finished):
    folder = finished.adapter().export("adapter", name="taken-along").result()
    assert folder.name == "taken-along" and (folder / "adapter_model.safetensors").exists()


def test_a_run_shows_itself(finished):
    assert "succeeded" in repr(finished) and "step" in finished._repr_html_().lower()
    phases = [event.phase for event in finished.events("phase")]
    assert phases[0] == "loading" and phases[-1] == "saving"
    assert finished.log(tail=5).count("\n") <= 5
    assert finished.name in finished._studio.jobs._repr_html_()


def test_waiting_shows_a_bar_that_ends_full(finished, capsys):
    finished.wait()
    shown = capsys.readouterr().err
    assert "100%" in shown and "4/4" in shown and "succeeded" in shown


def test_an_interrupt_ends_the_waiting_and_not_the_run(studio, monkeypatch):
    job = studio.train(
        name="long",
        base_model="tiny",
        dataset="colours",
        prompt="say it",
        **SHORT | {"max_steps": 5000},
    )
    looks = iter(range(100))

    def impatient(seconds):
        if next(looks) > 1:
            raise KeyboardInterrupt
        time.sleep(seconds)

    with monkeypatch.context() as patched:
        patched.setattr(job_module, "follow", partial(follow, pause=impatient))
        with pytest.raises(WaitInterrupted, match="goes on"):
            job.wait(progress=False)
    with pytest.raises(StudioApiError, match="has not ended within"):
        job.wait(progress=False, timeout_s=0.1)
    assert job.state in ("starting", "running")
    with pytest.raises(StudioApiError, match="has made no adapter"):
        job.adapter()
    job.stop(save=False).wait(progress=False, timeout_s=60)
    assert job.state == "stopped"
    job.delete()
    assert "long" not in [other.name for other in studio.jobs]


def test_a_failed_run_raises_its_cause_and_remedy(studio):
    spec = SHORT | {"max_length": 8}
    job = studio.train(name="bad", base_model="tiny", dataset="colours", prompt="say it", **spec)
    with pytest.raises(JobFailed, match="longer") as failed:
        job.wait(progress=False, timeout_s=90)
    assert failed.value.code == "nothing_to_train_on" and failed.value.remedy
    assert job.wait(progress=False, check=False).state == "failed"


def test_waiting_survives_a_killed_server(tmp_path, running, monkeypatch):
    """The server comes back with another port and another token; the run never noticed."""
    server = JupyterServer(tmp_path / "own")
    (server.root / "data.jsonl").write_bytes((running.root / "data/colours.jsonl").read_bytes())
    shutil.copytree(running.root / "models/tiny", server.root / "tiny")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(server.runtime))
    server.start()
    try:
        studio = Studio()
        studio.datasets.add(server.root / "data.jsonl", name="colours")
        studio.models.add("tiny")
        studio.prompts.create("say it", "colours")
        spec = SHORT | {"max_steps": 60}
        job = studio.train(base_model="tiny", dataset="colours", prompt="say it", **spec)
        before = studio.url
        waiting = threading.Thread(target=job.wait, kwargs={"progress": False})
        waiting.start()
        while (job.refresh().job.progress is None) or job.job.progress.step < 2:
            time.sleep(0.2)
        server.kill()
        time.sleep(1)
        server.start()
        waiting.join(120)
        assert not waiting.is_alive() and job.job.state == "succeeded"
        assert studio.url != before, "found again at its new address"
        assert len(job.metrics(frame=False)) >= 60, "the whole chart"
        assert job.job.attempt == 1
    finally:
        server.stop()
