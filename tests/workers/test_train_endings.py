"""How a run ends when it does not simply finish: stopped, damaged, misconfigured. In one process,
since the training stack takes seconds to import; the worker function itself is the real one."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.jobs import checkpoints
from ftstudio_ext.jobs.worker import Stopped, WorkerRun
from ftstudio_ext.workers import train
from tests.small_disk import fill, small_disk
from tests.tiny_model import make_tiny_model
from tests.workers.training_job import TrainingJob, colour_rows

pytestmark = pytest.mark.train

QUICK = {"max_length": 64, "max_steps": 2, "evaluation": {"strategy": "off"}}
LONG = {**QUICK, "max_steps": 400, "checkpoints": {"every_steps": 10}}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def job_with(tmp_path, model):
    """Make a job whose MLflow cannot be reached, which must not matter."""

    def make(splits=None, **spec) -> TrainingJob:
        (tmp_path / "file").touch()
        nowhere = f"sqlite:///{tmp_path}/file/mlflow.db"
        return TrainingJob(
            tmp_path / "w", spec.pop("model", model), splits, tracking_uri=nowhere, **spec
        )

    return make


def attempt(job: TrainingJob, number: int = 1) -> None:
    train.work(WorkerRun(job.run.path, number))


def failure(job: TrainingJob) -> StudioError:
    with pytest.raises(StudioError) as caught:
        attempt(job)
    assert caught.value.remedy
    return caught.value


def stop_attempt(job: TrainingJob, number: int, after_step: int) -> None:
    """Run an attempt, and ask for a stop once it has reached a step: from outside, any moment."""

    def ask() -> None:
        deadline = time.monotonic() + 60
        while max(job.losses(attempt=number), default=0) < after_step:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        job.control("stop_and_save", number)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    with pytest.raises(Stopped):
        attempt(job, number)
    asking.join()


def test_stop_and_save_leaves_a_sealed_checkpoint_where_it_stopped(job_with):
    job = job_with(**LONG)
    stop_attempt(job, 1, after_step=3)
    last = job.events("checkpoint")[-1]
    assert last.step == max(job.losses()) < 400
    assert checkpoints.verify(last.path)
    assert not (job.adapter_dir / "adapter_config.json").exists()
    assert (job.adapter_dir / ".reserved").exists()


def test_stop_before_the_first_step_is_obeyed_at_once(job_with):
    job = job_with(**LONG)
    job.control("stop_and_save")
    with pytest.raises(Stopped):
        attempt(job)
    assert not job.losses() and not job.events("checkpoint")


def test_a_damaged_newest_checkpoint_is_passed_over_with_a_warning(job_with):
    job = job_with(**LONG)
    stop_attempt(job, 1, after_step=12)
    *_older, before, last = job.events("checkpoint")
    optimizer = Path(last.path) / "optimizer.pt"
    optimizer.write_bytes(optimizer.read_bytes()[:-100])

    stop_attempt(job, 2, after_step=before.step + 2)
    (resumed,) = job.events("resumed")
    assert resumed.from_step == before.step
    assert min(job.losses(attempt=2)) == before.step + 1
    codes = {event.code: event for event in job.events("warning", attempt=2)}
    damaged = codes[f"damaged_{Path(last.path).name}"]
    assert "optimizer.pt" in damaged.message and str(before.step) in damaged.remedy


def test_rows_too_long_are_left_out_and_said_and_mlflow_being_down_is_no_failure(job_with):
    long = [{"question": "many words " * 60, "answer": "x"}] * 5
    job = job_with(
        {"train": colour_rows(20) + [{"id": 0, **row} for row in long]},
        prompt="{question} ",
        data={"test_fraction": 0, "validation_fraction": 0},
        **QUICK,
    )
    attempt(job)
    warnings = {event.code: event for event in job.events("warning")}
    assert "ends with a space" in warnings["prompt_trailing_space"].message
    said = warnings["rows_too_long_train"]
    assert said.message.startswith("5 of 25 train rows are longer than 64 tokens")
    assert "raise the max sequence length" in said.remedy
    assert "tracking_failed" in warnings
    assert (job.adapter_dir / "adapter_model.safetensors").exists()
    (counts,) = [event.data["train"] for event in job.events("result") if event.message == "rows"]
    assert (counts["kept"], counts["too_long"]) == (20, 5)


def test_a_run_without_a_usable_row_fails_in_words(job_with):
    job = job_with({"train": colour_rows(5)}, **{**QUICK, "max_length": 8})
    error = failure(job)
    assert (error.code, error.field) == ("nothing_to_train_on", "max_length")
    assert "longer than 8 tokens" in error.message and "raise the max sequence" in error.remedy


def test_a_run_whose_rows_are_all_empty_points_to_the_prompt(job_with):
    rows = [{**row, "answer": ""} for row in colour_rows(5)]
    error = failure(job_with({"train": rows}, prompt="{answer}", completion="{answer}", **QUICK))
    assert (error.code, error.field) == ("nothing_to_train_on", "prompt")
    assert "both of its templates are empty" in error.remedy


def test_unknown_target_modules_fail_with_the_names_there_are(job_with):
    error = failure(job_with(lora={"target_modules": ["q_proj", "w_proj"]}, **QUICK))
    assert (error.code, error.field) == ("unknown_target_modules", "lora.target_modules")
    assert "'w_proj'" in error.message
    assert "down_proj, gate_proj, k_proj, o_proj, q_proj, up_proj, v_proj" in error.remedy


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"optimizer": {"advanced": {"adam_beta3": 1}}}, "optimizer.advanced.adam_beta3"),
        (
            {"lora": {"advanced": {"init_lora_weights": "no such"}}},
            "lora.advanced.init_lora_weights",
        ),
        ({"lora": {"advanced": {"use_dora": True, "use_bdlora": 3}}}, "lora.advanced.use_bdlora"),
        ({"optimizer": {"advanced": {"lr_scheduler_type": "zigzag"}}}, "optimizer.advanced"),
        ({"quantization": {"advanced": {"bnb_4bit_foo": 1}}}, "quantization.advanced.bnb_4bit_foo"),
    ],
)
def test_advanced_fields_are_checked_before_the_model_is_loaded(job_with, monkeypatch, spec, field):
    monkeypatch.setattr(train, "load", lambda *_: pytest.fail("the model was loaded"))
    assert failure(job_with(**QUICK, **spec)).field == field


def test_a_missing_model_and_a_taken_folder_fail_before_anything_is_imported(job_with, tmp_path):
    job = job_with(model=tmp_path / "gone", **QUICK)
    assert failure(job).code == "model_missing"
    (job.adapter_dir / "somebody.txt").write_text("mine")
    assert failure(job).code == "adapter_exists"
    assert (job.adapter_dir / "somebody.txt").exists()


def test_lora_in_16_bits_trains_with_gradient_checkpointing_and_loss_on_all(job_with):
    job = job_with(method="lora", gradient_checkpointing=True, loss_on="all", **QUICK)
    attempt(job)
    assert len(job.losses()) == 2
    assert (job.adapter_dir / "adapter_model.safetensors").exists()


def test_a_failing_worker_process_leaves_its_error_for_the_supervisor(job_with):
    job = job_with(prompt="{no_such_column}", **QUICK)
    assert job.finish() == 1
    error = (job.run.path / "attempts" / "1.error.json").read_text()
    assert "no_such_column" in error and "prompt.prompt_template" in error
    assert "Traceback" in job.log(), "the whole trace is in the log alone"


def test_no_checkpoint_is_begun_that_would_not_fit_on_the_disk(tmp_path, job_with):
    with small_disk(tmp_path / "w", "16m") as disk:
        job = job_with(**QUICK)
        ballast = fill(disk, leave_bytes=1_200_000)
        error = failure(job)
        assert error.code == "disk_full" and "next checkpoint needs" in error.message
        assert list(job.run.checkpoints_dir.iterdir()) == []
        ballast.unlink()
        attempt(job, 2)
        assert checkpoints.newest_sealed_step(job.run.checkpoints_dir) == 2
