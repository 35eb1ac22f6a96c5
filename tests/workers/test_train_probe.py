"""The check before training: it tries the longest batch, and leaves no trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio_ext.jobs.worker import WorkerRun
from ftstudio_ext.workers import train
from tests.tiny_model import make_tiny_model
from tests.workers.training_job import TrainingJob, colour_rows

pytestmark = pytest.mark.train

SPEC = {
    "max_length": 128,
    "max_steps": 4,
    "effective_batch_size": 4,
    "per_device_batch_size": 2,
    "lora": {"r": 4, "dropout": 0.2},
    "evaluation": {"strategy": "steps", "steps": 2, "samples": 0},
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


def finished(folder: Path, model: Path, **more: object) -> TrainingJob:
    (folder / "file").touch()
    rows = colour_rows(40)
    rows[17]["question"] += " please" * 12
    nowhere = f"sqlite:///{folder}/file/mlflow.db"
    job = TrainingJob(folder / "w", model, {"train": rows}, tracking_uri=nowhere, **SPEC, **more)
    train.work(WorkerRun(job.run.path, 1))
    return job


def test_the_longest_batch_is_tried_first_and_changes_nothing(tmp_path, model):
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    job = finished(tmp_path / "with", model)
    plain = finished(tmp_path / "without", model, probe=False)

    kinds = [(event.kind, event.phase or event.message) for event in job.events()]
    told = kinds.index(("result", "probe"))
    assert kinds.index(("phase", "checking memory")) < told < kinds.index(("phase", "training"))
    (probe,) = [event.data for event in job.events("result") if event.message == "probe"]
    assert probe["rows"] == 2 and probe["tokens"] > 40 and probe["seconds"] > 0
    assert not [event for event in plain.events("result") if event.message == "probe"]

    assert job.losses() == plain.losses()
    assert job.losses(name="eval_loss") == plain.losses(name="eval_loss")
    files = [run.adapter_dir / "adapter_model.safetensors" for run in (job, plain)]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_memory_that_runs_out_in_the_check_ends_the_run_before_its_first_step(
    tmp_path, model, monkeypatch
):
    """The allocator's own words, raised where the allocator raises them: in the forward pass."""
    from transformers.models.llama.modeling_llama import LlamaMLP

    from ftstudio_ext.core.errors import StudioError

    def refuse(self, x):
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: tried 9 TB")

    monkeypatch.setattr(LlamaMLP, "forward", refuse)
    with pytest.raises(StudioError) as caught:
        finished(tmp_path, model)
    assert caught.value.code == "out_of_memory"
    assert "check before training" in caught.value.message
    assert "batch size" in caught.value.remedy or "checkpointing" in caught.value.remedy
