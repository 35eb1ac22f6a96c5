"""An evaluation asks everybody the same unseen rows, once, and counts honestly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.jobs.worker import Stopped
from ftstudio_ext.schema.evaluations import EvaluateSpec
from ftstudio_ext.schema.generation import GenerationSettings
from ftstudio_ext.schema.prompts import PromptContent
from tests.tiny_model import make_tiny_model

from .evaluation_job import EvaluationJob
from .training_job import REPOSITORY

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def adapter(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA that changes what the model says: its second factor is not zero."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    config = LoraConfig(
        r=4, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False
    )
    wrapped = get_peft_model(AutoModelForCausalLM.from_pretrained(model), config)
    folder = tmp_path_factory.mktemp("adapters") / "mine"
    wrapped.save_pretrained(folder)
    return folder


@pytest.fixture(autouse=True)
def environment_kept() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


SQL = {"schema_column": "schema"}
TWO_SPLITS = {"train": 30, "easy": 8, "hard": 6}


def test_everybody_answers_the_same_rows(tmp_path: Path, model: Path, adapter: Path) -> None:
    job = EvaluationJob(
        tmp_path,
        model,
        adapter,
        sizes=TWO_SPLITS,
        splits=["easy", "hard"],
        rows=7,
        base_shots=[0, 2],
        sql=SQL,
    )
    metrics = job.go()

    rows = job.rows()
    asked = {(row.split, row.row) for row in rows}
    assert Counter(split for split, _ in asked) == {"easy": 7, "hard": 6}
    for system in ("base-0", "base-2", "adapter-ad_1"):
        assert {(row.split, row.row) for row in rows if row.system == system} == asked
    assert [(score.label, score.split, score.rows) for score in metrics.scores] == [
        ("base, zero-shot", "easy", 7),
        ("base, zero-shot", "hard", 6),
        ("base, 2-shot", "easy", 7),
        ("base, 2-shot", "hard", 6),
        ("mine", "easy", 7),
        ("mine", "hard", 6),
    ]
    for score in metrics.scores:
        mine = [r for r in rows if r.system == score.system and r.split == score.split]
        assert score.metrics["stopped"].successes == sum(row.stopped for row in mine)
        assert score.metrics["execution_accuracy"].n == score.rows
        assert score.seconds == pytest.approx(sum(row.seconds for row in mine))
    texts = {row.system: row.text for row in rows if (row.split, row.row) == ("easy", rows[0].row)}
    assert texts["base-0"] != texts["adapter-ad_1"]


def test_it_tells_its_progress_and_result(tmp_path: Path, model: Path) -> None:
    job = EvaluationJob(tmp_path, model, rows=5, sql=SQL)
    metrics = job.go()
    events = job.run.events().events
    phases = [event.phase for event in events if event.kind == "phase"]
    assert phases == ["tokenizing", "loading", "evaluating", "saving"]
    assert events[-2].kind == "result" or events[-1].kind == "result"
    result = next(event for event in events if event.kind == "result")
    assert result.data["verdict"] == metrics.verdict
    assert len(result.data["scores"]) == len(metrics.scores)
    progress = job.run.progress()
    assert progress is not None and progress.step == progress.total_steps == len(job.rows())


def test_a_killed_evaluation_goes_on_where_it_was(
    tmp_path: Path, model: Path, adapter: Path
) -> None:
    job = EvaluationJob(tmp_path, model, adapter, sizes=TWO_SPLITS, splits=["easy"])
    first = job.go()
    lines = job.rows_file.read_bytes().splitlines(keepends=True)
    kept = b"".join(lines[:9])
    job.rows_file.write_bytes(kept + lines[9][: len(lines[9]) // 2])  # a crash tore a line

    second = job.go(attempt=2)

    assert job.rows_file.read_bytes().startswith(kept)
    asked = [(row.system, row.split, row.row) for row in job.rows()]
    assert len(asked) == len(set(asked)) == len(lines)
    assert [score.rows for score in second.scores] == [score.rows for score in first.scores]
    resumed = next(event for event in job.run.events().events if event.kind == "resumed")
    assert resumed.attempt == 2 and resumed.from_step == 9


def test_a_stop_ends_it_between_batches(tmp_path: Path, model: Path) -> None:
    job = EvaluationJob(tmp_path, model, rows=5)
    (job.run.path / "control" / "1.stop").touch()
    with pytest.raises(Stopped):
        job.go()


def test_rows_that_trained_the_adapter_are_refused(
    tmp_path: Path, model: Path, adapter: Path
) -> None:
    job = EvaluationJob(tmp_path, model, adapter, splits=["train"])
    with pytest.raises(InvalidInput) as refusal:
        job.go()
    assert refusal.value.code == "training_rows"
    assert "allow_training_rows" in str(refusal.value.remedy)
    assert not job.rows_file.exists()


def test_training_rows_are_judged_where_it_is_allowed_and_said(
    tmp_path: Path, model: Path, adapter: Path
) -> None:
    job = EvaluationJob(
        tmp_path, model, adapter, splits=["train"], rows=4, allow_training_rows=True
    )
    job.go()
    assert "training_rows" in {event.code for event in job.run.events().events}


def test_the_rows_that_training_set_aside_are_the_default(
    tmp_path: Path, model: Path, adapter: Path
) -> None:
    job = EvaluationJob(tmp_path, model, adapter)
    job.go()
    assert {row.row for row in job.rows()} == set(job.drawn.test.rows)


def test_other_base_models_answer_the_same_rows(tmp_path: Path, model: Path, adapter: Path) -> None:
    other = make_tiny_model(tmp_path / "other", hidden=32, seed=3)
    job = EvaluationJob(tmp_path, model, adapter, other=other, rows=3)
    metrics = job.go()
    labels = [(score.label, score.rows) for score in metrics.overall]
    assert labels == [("tiny, zero-shot", 3), ("mine", 3), ("other, zero-shot", 3)]
    assert {c.system for c in metrics.verdicts} == {"adapter-ad_1"}
    compared = {(c.system, c.baseline) for c in metrics.comparisons}
    assert ("adapter-ad_1", "base-0") in compared, "an adapter meets its own base, too"


def test_chat_prompts_are_asked_as_conversations(tmp_path: Path) -> None:
    model = make_tiny_model(tmp_path / "chat", chat_template=True)
    messages = [
        {"role": "user", "content": "{question}"},
        {"role": "assistant", "content": "{sql}"},
    ]
    content = PromptContent.model_validate({"mode": "chat", "messages": messages})
    job = EvaluationJob(
        tmp_path, model, content=content, rows=3, base_shots=[0, 1], own_scorers=BROKEN
    )
    metrics = job.go()
    assert [score.rows for score in metrics.overall] == [3, 3]
    assert {score.metrics["stopped"].n for score in metrics.overall} == {3}


BROKEN = """
def score_broken(answer):
    raise KeyError("oops")

def score_fine(expected):
    return len(expected)
"""


def test_a_scorer_that_fails_is_named_and_ends_nothing(tmp_path: Path, model: Path) -> None:
    job = EvaluationJob(tmp_path, model, own_scorers=BROKEN, rows=3)
    metrics = job.go()
    means = metrics.overall[0].metrics
    assert means["broken"].value is None and (means["fine"].value or 0) > 0
    warnings = [event for event in job.run.events().events if event.kind == "warning"]
    assert [event.code for event in warnings] == ["scorer_failed_broken"], "once, not a row each"
    assert "oops" in str(warnings[0].message)


def test_mlflow_being_away_fails_nothing(tmp_path: Path, model: Path) -> None:
    job = EvaluationJob(tmp_path, model, tracking_uri="http://127.0.0.1:9", rows=2)
    metrics = job.go()
    assert metrics.overall[0].rows == 2 and metrics.timing.logging < 60
    (warning,) = [event for event in job.run.events().events if event.kind == "warning"]
    assert warning.code == "mlflow" and "complete" in str(warning.remedy)


def test_a_fraction_and_categories(tmp_path: Path, model: Path) -> None:
    job = EvaluationJob(
        tmp_path,
        model,
        sizes={"train": 10, "test": 20},
        fraction=0.5,
        category_column="question",
        carry_columns=["sql"],
    )
    metrics = job.go()
    assert metrics.overall[0].rows == 10
    groups = {g.group for g in metrics.plots.groups if g.by == "category"}
    assert len(groups) == 10 and all("Which numbers" in group for group in groups)
    lengths = [g for g in metrics.plots.groups if g.by == "length" and g.metric == "exact_match"]
    assert sum(group.estimate.n for group in lengths) == 10


def test_an_adapter_of_another_model_is_refused_in_words(
    tmp_path: Path, model: Path, adapter: Path
) -> None:
    other = make_tiny_model(tmp_path / "other", hidden=32)
    job = EvaluationJob(tmp_path, other, adapter)
    with pytest.raises(InvalidInput) as refusal:
        job.go()
    assert refusal.value.code == "adapter_does_not_fit"


def test_four_bits_work_and_the_process_ends_well(
    tmp_path: Path, model: Path, adapter: Path
) -> None:
    job = EvaluationJob(tmp_path, model, adapter, precision="4-bit", rows=2)
    done = subprocess.run(
        [sys.executable, "-m", "ftstudio_ext.workers.evaluate", str(job.run.path), "1"],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "2"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert {row.system for row in job.rows()} == {"base-0", "adapter-ad_1"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"base_shots": [], "adapters": []}, "nobody would answer"),
        ({"base_shots": [99]}, "from 0 to 32"),
        ({"splits": ["test", "test"]}, "twice"),
    ],
)
def test_specifications_that_make_no_sense_are_refused(wrong: dict[str, Any], words: str) -> None:
    spec = {"name": "e", "base_model": "m", "dataset": "d", "prompt": "p"} | wrong
    with pytest.raises(ValueError, match=words):
        EvaluateSpec.model_validate(spec)


@pytest.fixture(scope="module")
def exact(model: Path) -> tuple[Any, Any]:
    """The model in float32, where batches cannot change an answer, and its tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    loaded = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    return loaded, AutoTokenizer.from_pretrained(model)


PROMPTS = ["The quick brown fox", "SELECT", "red green blue yellow black white one two"]


def texts(exact: tuple[Any, Any], prompts: list[list[int]], **options: Any) -> list[str]:
    from ftstudio_ext.workers.generation import Writer

    writer = Writer(*exact, GenerationSettings(max_new_tokens=12), **options)
    return [answer.text for answer in writer.write(prompts)]


def test_a_batch_answers_as_one_by_one(exact: tuple[Any, Any]) -> None:
    prompts = [exact[1](text)["input_ids"] for text in PROMPTS]
    assert texts(exact, prompts) == [texts(exact, [prompt])[0] for prompt in prompts]


def test_a_prefix_read_once_answers_as_one_read_each_time(exact: tuple[Any, Any]) -> None:
    prompts = [exact[1](text)["input_ids"] for text in PROMPTS]
    prefix = exact[1]("Question: how many people live in the city?\n\n")["input_ids"]
    whole = [texts(exact, [prefix + prompt])[0] for prompt in prompts]
    assert texts(exact, prompts, prefix=prefix) == whole


def test_a_stop_text_ends_an_answer_and_is_no_part_of_it(exact: tuple[Any, Any]) -> None:
    from ftstudio_ext.workers.generation import Writer

    prompt = exact[1]("The quick brown fox")["input_ids"]
    free = texts(exact, [prompt])[0]
    stop = free[len(free) // 2 :][:2]
    writer = Writer(*exact, GenerationSettings(max_new_tokens=12), stop_text=stop)
    answer = writer.write([prompt])[0]
    assert answer.stopped and answer.text == free.split(stop)[0]
