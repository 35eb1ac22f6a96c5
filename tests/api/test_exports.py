"""Exports: what other programs load says what the adapter says."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.adapters_that_disagree import make_adapter

pytestmark = pytest.mark.train


@pytest.fixture
async def adapter(api: Any, model: Any, tiny_model: Path) -> str:
    make_adapter(tiny_model, api.root / "given", seed=3)
    source = {"source": "directory", "path": "given"}
    await api.post("adapters", {"name": "mine", "source": source, "base_model": "tiny"})
    return "mine"


async def result_of(api: Any, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        state = (await api.get(f"jobs/{job['id']}"))["state"]
        if state in ("succeeded", "failed", "stopped", "lost"):
            assert state == "succeeded", await api.get(f"jobs/{job['id']}/log", tail=50)
            events = (await api.get(f"jobs/{job['id']}/events"))["events"]
            return next(dict(e["data"]) for e in events if e["kind"] == "result")
        await asyncio.sleep(0.2)
    raise AssertionError("it did not end in time")


def logits(model: Any) -> Any:
    import torch

    with torch.no_grad():
        return model(torch.arange(5, 25)[None]).logits


async def test_an_adapter_is_exported_merged_and_alone(api, adapter, tiny_model):
    merged = await api.post(
        f"adapters/{adapter}/export", {"request_id": "x1", "precision": "float32"}
    )
    alone = {"request_id": "x2", "format": "adapter", "name": "handed-on"}
    alone = await api.post(f"adapters/{adapter}/export", alone)
    said, copied = await result_of(api, merged), await result_of(api, alone)

    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = Path(said["path"])
    assert folder.name == "mine-merged" and said["format"] == "merged"
    whole = AutoModelForCausalLM.from_pretrained(folder)
    assert said["precision"] == "float32" == str(whole.dtype).removeprefix("torch.")
    base = AutoModelForCausalLM.from_pretrained(tiny_model, dtype="float32")
    before = logits(base)
    adapted = logits(PeftModel.from_pretrained(base, api.root / "given"))
    apart = (logits(whole) - adapted).abs().max()
    # the order of sums differs, nothing else: float32 keeps seven digits
    assert apart < 1e-3 < (before - adapted).abs().max()
    assert AutoTokenizer.from_pretrained(folder)("red").input_ids
    manifest = json.loads((folder / "ftstudio-export.json").read_text())
    assert manifest["adapter"]["name"] == "mine" and manifest["versions"]["peft"]

    assert Path(copied["path"]).name == "handed-on" and copied["precision"] is None
    kept = Path(copied["path"]) / "adapter_model.safetensors"
    assert kept.read_bytes() == (api.root / "given" / kept.name).read_bytes()
    assert not list(folder.parent.glob(".staging*"))

    again = {"request_id": "x3", "name": "handed-on", "format": "adapter"}
    refused = await api.refused("POST", f"adapters/{adapter}/export", again)
    assert (refused.status, refused.error["field"]) == (409, "spec.name")
