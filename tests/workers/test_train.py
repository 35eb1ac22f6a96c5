"""A training job as the supervisor starts it: a process, a run directory, real libraries."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from ftstudio_ext.core.files import read_json
from ftstudio_ext.schema.adapters import AdapterManifest
from tests.tiny_model import make_tiny_model
from tests.workers.script_cases import CASES, job_of, tokens_of
from tests.workers.stand_alone import curve, run_scripts, script_of, tokens, tokens_only
from tests.workers.training_job import COLOURS, TrainingJob

pytestmark = pytest.mark.train

ROWS = [
    {"question": f"Say {COLOURS[index % 6]}" + " please" * (index % 4), "answer": "blue it is"}
    for index in range(60)
]
SPEC = {
    "max_length": 64,
    "epochs": 6,
    "effective_batch_size": 8,
    "per_device_batch_size": 4,
    "learning_rate": 1e-2,
    "evaluation": {"strategy": "epoch", "scored_rows": 3},
    "checkpoints": {"every_steps": 5},
}


SECRET = "hf_aS3cretOfTheTests"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def finished(tmp_path_factory, model) -> TrainingJob:
    """One uninterrupted run in 4 bits, which several tests look at."""
    workspace = tmp_path_factory.mktemp("finished")
    secret = {"HF_HUB_OFFLINE": "1", "HF_TOKEN": SECRET}
    copy = workspace / "copy"
    job = TrainingJob(workspace, model, {"train": ROWS}, output_dir=copy, env=secret, **SPEC)
    assert job.finish() == 0, job.log()
    return job


def test_the_hub_s_token_is_in_no_file_that_the_run_leaves(finished):
    files = [path for path in finished.workspace.rglob("*") if path.is_file()]
    assert any(path.name == "mlflow.db" for path in files)
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_run_tells_its_story_in_events_and_progress(finished):
    phases = [event.phase for event in finished.events("phase")]
    assert phases[:4] == ["loading", "tokenizing", "checking memory", "training"]
    assert phases[-1] == "saving"
    progress = finished.run.progress()
    assert (progress.step, progress.total_steps, progress.eta_s) == (42, 42, 0)
    assert progress.phase == "saving" and progress.epoch == 6
    assert len(progress.sparkline) > 10
    metric = finished.events("metric")[5].values
    assert set(metric) >= {"loss", "learning_rate", "grad_norm", "tokens_per_s", "memory_bytes"}
    assert not finished.events("warning")


def test_loss_goes_down_and_is_measured_on_validation_rows(finished):
    losses = list(finished.losses().values())
    assert len(losses) == 42
    assert losses[-1] < losses[0] / 5
    assert sorted(finished.losses(name="eval_loss")) == [7, 14, 21, 28, 35, 42]


def test_samples_show_fixed_validation_rows_at_each_evaluation(finished):
    split = read_json(finished.run.result_dir / "split.json")
    samples = finished.events("sample")
    assert len(samples) == 6 * 2
    assert {sample.row for sample in samples} <= set(split["validation"]["rows"])
    assert samples[-1].expected == "blue it is"
    assert samples[-1].text == "blue it is", "it has learned the answer, and where it ends"


def test_answers_are_scored_at_each_evaluation(finished):
    found = finished.losses(name="sample_exact_match")
    assert sorted(found) == [7, 14, 21, 28, 35, 42]
    assert 0 <= found[7] <= found[42] <= 1 and found[42] > 0


def test_rows_of_the_parts_are_written_down(finished):
    split = read_json(finished.run.result_dir / "split.json")
    assert split["seed"] == 42
    rows = [split[part]["rows"] for part in ("train", "validation", "test")]
    assert sorted(row for part in rows for row in part) == list(range(60))


def test_adapter_folder_is_whole_and_says_where_it_comes_from(finished, model):
    names = {path.name for path in finished.adapter_dir.iterdir()}
    assert names >= {"adapter_model.safetensors", "adapter_config.json", "tokenizer.json"}
    assert ".reserved" not in names
    manifest = AdapterManifest.model_validate(read_json(finished.adapter_dir / "ftstudio.json"))
    assert (manifest.id, manifest.job_id, manifest.method) == ("ad_1", "job_1", "qlora")
    assert manifest.prompt["completion_template"] == "{answer}"
    assert manifest.split["parts"]["train"]["rows"] == 51
    assert manifest.metrics["eval_loss"] < 2 and "torch" in manifest.versions
    config = read_json(finished.adapter_dir / "adapter_config.json")
    assert config["base_model_name_or_path"] == str(model)
    copied = {path.name for path in (finished.workspace / "copy").iterdir()}
    assert copied == names


def test_adapter_answers_and_stops_when_loaded_with_peft_alone(finished, model):
    from peft import AutoPeftModelForCausalLM
    from transformers import AutoTokenizer

    adapted = AutoPeftModelForCausalLM.from_pretrained(finished.adapter_dir)
    tokenizer = AutoTokenizer.from_pretrained(finished.adapter_dir)
    given = tokenizer("Question: Say green\nAnswer:\n", return_tensors="pt")["input_ids"]
    written = adapted.generate(input_ids=given, max_new_tokens=30, do_sample=False)[0]
    assert tokenizer.decode(written[given.shape[1] :]).endswith(" it is</s>")


def test_numbers_are_in_mlflow_too(finished):
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=finished.tracking.tracking_uri)
    run = client.get_run(read_json(finished.run.path / "mlflow.json")["run_id"])
    assert run.info.status == "FINISHED"
    assert run.data.params["lora_r"] == "16" and len(run.data.params) < 25
    history = client.get_metric_history(run.info.run_id, "loss")
    assert {point.step: point.value for point in history} == finished.losses()
    assert run.info.artifact_uri.startswith((finished.workspace / "mlartifacts").as_uri())
    assert not (finished.workspace / "mlruns").exists()


def test_killed_run_resumes_to_bitwise_the_same_numbers(finished, model, tmp_path):
    job = TrainingJob(tmp_path, model, {"train": ROWS}, **SPEC)
    process = job.start()
    try:
        wait_for(lambda: checkpoint_after(job, 7), process)  # in the second epoch
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    reached = max(job.losses())
    assert reached < 42, "killed in the middle"

    assert job.finish(attempt=2) == 0, job.log()
    (resumed,) = job.events("resumed")
    assert resumed.from_step >= 10
    again = job.losses(attempt=2)
    assert min(again) == resumed.from_step + 1 and max(again) == 42
    before = {s: v for s, v in job.losses(attempt=1).items() if s <= resumed.from_step}
    assert before | again == finished.losses()
    evaluated = job.losses(attempt=2, name="eval_loss")
    assert evaluated.items() <= finished.losses(name="eval_loss").items()
    assert weights(job) == weights(finished)
    tokens = finished.losses(name="tokens_seen")
    assert job.losses(attempt=2, name="tokens_seen") == {step: tokens[step] for step in again}
    assert runs_in_mlflow(job) == 1, "later attempts go on with the same run"


def checkpoint_after(job: TrainingJob, step: int) -> bool:
    return any((event.step or 0) > step for event in job.events("checkpoint"))


def weights(job: TrainingJob) -> bytes:
    return (job.adapter_dir / "adapter_model.safetensors").read_bytes()


def runs_in_mlflow(job: TrainingJob) -> int:
    with contextlib.closing(sqlite3.connect(job.workspace / "mlflow.db")) as database:
        return int(database.execute("select count(*) from runs").fetchone()[0])


def wait_for(condition, process, timeout_s: float = 90) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert process.poll() is None, "the worker has ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(scope="module")
def exported(finished, model, tmp_path_factory):
    """Jobs by name, and the folder in which their exported scripts have run without the studio;
    those of the cases of prompts up to their tokens."""
    folder = tmp_path_factory.mktemp("exported")
    short = SPEC | {"epochs": 1, "method": "lora", "loss_on": "all", "data": {"fraction": 0.5}}
    other = TrainingJob(folder / "lora", model, {"train": ROWS, "test": ROWS[:9]}, **short)
    assert other.finish() == 0, other.log()
    trained = {"qlora": finished, "lora": other}
    cases = {case: job_of(case, folder) for case in CASES}
    scripts = {name: script_of(job) for name, job in trained.items()}
    scripts |= {name: tokens_only(script_of(job)) for name, job in cases.items()}
    run_scripts(scripts, folder / "scripts")
    return trained | cases, folder / "scripts"


@pytest.mark.parametrize("method", ["qlora", "lora"])
def test_the_exported_script_finds_the_same_losses_and_weights(exported, method):
    """Exactly the same: same libraries, same seeds, same order of every operation, two threads."""
    from safetensors.numpy import load_file

    jobs, folder = exported
    job, place = jobs[method], folder / method
    assert curve(place, "loss") == job.losses()
    assert curve(place, "eval_loss") == job.losses(name="eval_loss")
    theirs, ours = (
        load_file(adapter / "adapter_model.safetensors")
        for adapter in (place / "colours", job.adapter_dir)
    )
    assert theirs.keys() == ours.keys()
    assert all((theirs[key] == ours[key]).all() for key in ours)


@pytest.mark.parametrize("case", CASES)
def test_the_exported_script_makes_the_tokens_that_training_makes(exported, case):
    jobs, folder = exported
    found = tokens_of(jobs[case])
    assert all(found)
    assert tokens(folder / case) == found


def test_an_exported_script_leaves_nothing_beside_the_data(exported, finished):
    files = Path(finished.resolved.dataset_dir).iterdir()
    assert [path.name for path in files] == ["train.arrow"]
