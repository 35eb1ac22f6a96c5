"""The verdict is the truth: nothing for an adapter that does nothing, the difference that was
measured for one that has learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftstudio_ext.schema.evaluation_results import Metrics
from tests.tiny_model import make_tiny_model

from .evaluation_job import EvaluationJob

pytestmark = pytest.mark.train
ROWS = 12
STEPS = 300
SIZES = {"train": 8, "test": ROWS}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


def lora(model: Path) -> Any:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    config = LoraConfig(
        r=32, lora_alpha=64, target_modules="all-linear", task_type="CAUSAL_LM", lora_dropout=0
    )
    base = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    return get_peft_model(base, config)


@pytest.fixture(scope="module")
def fresh(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As PEFT makes it: the second factor is zero."""
    folder = tmp_path_factory.mktemp("adapters") / "fresh"
    lora(model).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def learned(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Knows the test rows by heart."""
    import torch
    from transformers import AutoTokenizer

    from ftstudio_ext.core.examples import encode_examples

    job = EvaluationJob(tmp_path_factory.mktemp("asked"), model, sizes=SIZES, splits=["test"])
    tokenizer = AutoTokenizer.from_pretrained(model)
    rows = encode_examples(tokenizer, job.resolved.prompt, job.data["test"], 512)
    width = max(map(len, rows))
    ids = torch.tensor([r.input_ids + [0] * (width - len(r)) for r in rows])
    labels = torch.tensor([r.labels + [-100] * (width - len(r)) for r in rows])
    mask = torch.tensor([[1] * len(r) + [0] * (width - len(r)) for r in rows])
    wrapped = lora(model).train()
    optimizer = torch.optim.AdamW([p for p in wrapped.parameters() if p.requires_grad], lr=1e-2)
    slower = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.02, STEPS)
    for _ in range(STEPS):
        loss = wrapped(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(wrapped.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        slower.step()
        if loss < 0.005:
            break
    assert loss < 0.1, f"the fixture has not learned: {loss:.3f}"
    folder = tmp_path_factory.mktemp("adapters") / "learned"
    wrapped.save_pretrained(folder)
    return folder


def judge(tmp_path: Path, model: Path, adapter: Path, **spec: Any) -> tuple[EvaluationJob, Metrics]:
    asked: dict[str, Any] = {"splits": ["test"], "sql": {"schema_column": "schema"}}
    asked |= {"precision": "32-bit", "scorers": [*NAMES, "likelihood"]}
    job = EvaluationJob(tmp_path, model, adapter, sizes=SIZES, **asked | spec)
    return job, job.go()


NAMES = ["exact", "edit", "sql_execution", "stops"]


def test_a_fresh_adapter_shows_no_difference(tmp_path: Path, model: Path, fresh: Path) -> None:
    _job, metrics = judge(tmp_path, model, fresh)
    assert metrics.verdict.startswith("No difference shown")
    assert {c.verdict for c in metrics.comparisons} == {"none"}
    for c in metrics.comparisons:
        assert c.difference == pytest.approx(0, abs=1e-3), c.metric
        assert c.low is not None and c.high is not None and c.low <= 0 <= c.high


def test_a_trained_adapter_shows_the_difference_that_was_measured(
    tmp_path: Path, model: Path, learned: Path
) -> None:
    job, metrics = judge(tmp_path, model, learned, primary_metric="exact_match")
    right = {"base-0": 0, "adapter-ad_1": 0}
    for row in job.rows():
        right[row.system] += row.answer == job.expected(row.split, row.row)
    found = metrics.verdicts[0]
    assert found.difference == pytest.approx((right["adapter-ad_1"] - right["base-0"]) / ROWS)
    assert found.difference > 0.5, "the fixture knows most rows by heart"
    assert (found.wins, found.losses) == (right["adapter-ad_1"], 0)
    assert found.verdict == "better" and metrics.verdict.startswith("“mine” is better than “base")
    assert found.low is not None and found.high is not None and 0 < found.low < found.high <= 1
    likelihood = {s.system: s.metrics["perplexity"].value for s in metrics.overall}
    assert likelihood["adapter-ad_1"] < 1.2 < likelihood["base-0"]  # type: ignore[operator]


def test_few_rows_are_asked_in_mixed_batches_with_the_same_answers(
    tmp_path: Path, model: Path, learned: Path
) -> None:
    together, _ = judge(tmp_path / "together", model, learned, batch_size=2 * ROWS)
    alone, _ = judge(tmp_path / "alone", model, learned, batch_size=ROWS)
    texts = [{(r.system, r.row): r.text for r in job.rows()} for job in (together, alone)]
    assert texts[0] == texts[1] and len(texts[0]) == 2 * ROWS
