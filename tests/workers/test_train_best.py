"""The best evaluation decides: its weights become the adapter, and a run may end when it gets no
better."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.jobs import checkpoints
from ftstudio_ext.jobs.worker import WorkerRun
from ftstudio_ext.schema.training import TrainSpec
from ftstudio_ext.workers import train
from tests.tiny_model import make_tiny_model
from tests.workers.training_job import TrainingJob, colour_rows

pytestmark = pytest.mark.train

OVERFITTING: dict[str, Any] = {
    "max_length": 64,
    "max_steps": 40,
    "effective_batch_size": 4,
    "learning_rate": 2e-2,
    "lora": {"r": 8, "dropout": 0},
    "optimizer": {"scheduler": "constant"},
}
"""Learns four rows by heart, which say the opposite of the validation rows."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


def overfitted(folder: Path, model: Path, **evaluation: Any) -> TrainingJob:
    (folder / "file").touch()
    nowhere = f"sqlite:///{folder}/file/mlflow.db"
    learned = [{**row, "answer": "nothing at all"} for row in colour_rows(4)]
    splits = {"train": learned, "validation": colour_rows(12)[6:]}
    settings = {"strategy": "steps", "steps": 4, "samples": 0, **evaluation}
    job = TrainingJob(
        folder / "w", model, splits, tracking_uri=nowhere, **OVERFITTING, evaluation=settings
    )
    train.work(WorkerRun(job.run.path, 1))
    return job


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / "adapter_model.safetensors")


def test_the_adapter_is_that_of_the_lowest_validation_loss(tmp_path, model):
    job = overfitted(tmp_path, model)
    measured = job.losses(name="eval_loss")
    best = min(measured, key=lambda step: measured[step])
    assert best < 40 and measured[40] > measured[best], "the run must have overfitted"

    (told,) = [event for event in job.events("result") if event.message == "best"]
    assert (told.step, told.values) == (best, {"eval_loss": pytest.approx(measured[best])})
    kept = {checkpoints.step_of(path): path for path in job.run.path.glob("checkpoints/check*")}
    assert set(kept) == {best, 40}, "the best one and the newest one"
    adapter, at_best, last = (weights(p) for p in (job.adapter_dir, kept[best], kept[40]))
    assert all((adapter[name] == at_best[name]).all() for name in adapter)
    assert any((adapter[name] != last[name]).any() for name in adapter)
    assert job.manifest()["metrics"]["eval_loss"] == pytest.approx(measured[best])


def test_a_run_that_gets_no_better_ends_early_and_says_so(tmp_path, model):
    job = overfitted(tmp_path, model, patience=2)
    measured = job.losses(name="eval_loss")
    best = min(measured, key=lambda step: measured[step])
    assert max(measured) == best + 2 * 4 < 40
    (said,) = [event for event in job.events("warning") if event.code == "stopped_early"]
    assert f"since step {best}" in said.message and "of 40" in said.message
    assert job.manifest()["metrics"]["steps"] == max(measured)


def test_the_last_step_is_taken_where_that_is_wanted(tmp_path, model):
    job = overfitted(tmp_path, model, keep_best=False)
    newest = checkpoints.newest_good(job.run.path / "checkpoints")
    assert newest is not None and checkpoints.step_of(newest) == 40
    adapter, last = weights(job.adapter_dir), weights(newest)
    assert all((adapter[name] == last[name]).all() for name in adapter)


def test_patience_without_evaluations_is_refused():
    named = {"name": "x", "base_model": "b", "dataset": "d", "prompt": "p"}
    with pytest.raises((ValueError, StudioError), match="patience needs evaluations"):
        TrainSpec.model_validate({**named, "evaluation": {"strategy": "off", "patience": 1}})
