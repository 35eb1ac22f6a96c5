"""The dry run measures what a real forward pass keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio_ext.core import memory
from ftstudio_ext.schema.training import TrainSpec
from tests.tiny_model import make_tiny_model

pytestmark = pytest.mark.train

ROWS, LENGTH = 2, 256


def spec(**fields: object) -> TrainSpec:
    named = {"name": "x", "base_model": "b", "dataset": "d", "prompt": "p"}
    return TrainSpec.model_validate({**named, **fields})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("model") / "tiny"
    make_tiny_model(path)
    return path


def really_kept(folder: Path, wanted: TrainSpec) -> tuple[int, int]:
    """Bytes that autograd keeps in a real forward pass in mixed precision, and the number of
    trained parameters."""
    import torch
    from peft import get_peft_model

    from ftstudio_ext.workers import model_files, model_loading, training_settings

    base = model_loading.load_model(folder, wanted, model_files.check_folder(folder))
    model = get_peft_model(base, training_settings.lora_config(wanted)).train()
    trained = model_loading.adapters_in_float32(model)
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage
        return tensor

    ids = torch.randint(0, 100, (ROWS, LENGTH))
    mask = torch.ones_like(ids)
    mask[0, LENGTH // 2 :] = 0  # padding, as in a batch of rows of different length
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
        torch.autocast("cpu", dtype=torch.bfloat16),
    ):
        backbone = model.get_base_model().model
        held = backbone(input_ids=ids, attention_mask=mask, use_cache=False)
    assert held is not None
    return sum(storage.nbytes() for storage in kept.values()), trained


@pytest.mark.parametrize("method", ["lora", "qlora"])
def test_the_dry_run_agrees_with_a_real_forward_pass(folder, method):
    from ftstudio_ext.workers.memory_profile import profile

    wanted = spec(method=method)
    found = profile({"pretrained_model_name_or_path": str(folder)}, wanted)
    real, trained = really_kept(folder, wanted)
    plan = memory.Plan("16-bit", "adamw_torch", ROWS, 1, LENGTH, checkpointing=False)
    (activations,) = [p for p in memory.parts(found, plan, "cpu") if p.name == "activations"]
    assert activations.bytes == pytest.approx(real, rel=0.05)
    assert found.trainable_parameters == trained


def test_a_model_that_cannot_be_measured_is_refused_in_words(folder):
    from ftstudio_ext.core.errors import InvalidInput
    from ftstudio_ext.workers.memory_profile import profile

    with pytest.raises(InvalidInput, match="cannot be estimated") as refused:
        profile(
            {"pretrained_model_name_or_path": str(folder)}, spec(lora={"target_modules": ["none"]})
        )
    assert refused.value.field == "base_model" and refused.value.remedy
