"""Guards against what libraries do in silence: each test fails when its guard is taken away, or
tells that a library has changed under it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio_ext.core.errors import InvalidInput, Unavailable
from ftstudio_ext.schema.training import TrainSpec
from ftstudio_ext.workers import model_files
from tests.tiny_model import make_tiny_model

pytestmark = pytest.mark.train

BASICS = {"name": "a", "base_model": "m", "dataset": "d", "prompt": "p"}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny", hidden=256)


@pytest.fixture
def quantized(model):
    """The base model in 4 bits, as training loads it, and its tokenizer."""
    from ftstudio_ext.workers import model_loading

    spec = TrainSpec.model_validate(BASICS)
    config = model_files.check_folder(model)
    return model_loading.load_model(model, spec, config), model_loading.load_tokenizer(model)


def test_gradients_are_the_same_before_and_after_an_evaluation_in_4_bits(quantized):
    import torch
    from peft import LoraConfig, get_peft_model

    base, tokenizer = quantized
    assert base.is_loaded_in_4bit
    torch.manual_seed(0)
    adapted = get_peft_model(base, LoraConfig(target_modules="all-linear", task_type="CAUSAL_LM"))
    ids = tokenizer("Say the colour of the sky, please.", return_tensors="pt")["input_ids"]

    def gradients() -> list[torch.Tensor]:
        adapted.train()
        adapted.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            adapted(input_ids=ids, labels=ids).loss.backward()
        found = [p.grad.clone() for p in adapted.parameters() if p.grad is not None]
        assert any(gradient.abs().sum() > 0 for gradient in found)
        return found

    before = gradients()
    adapted.eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        adapted(input_ids=ids)
        adapted.generate(input_ids=ids, max_new_tokens=2, do_sample=False)
    after = gradients()
    assert len(before) == len(after)
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_the_4_bit_layers_still_have_the_switch_that_the_guard_turns(quantized):
    from ftstudio_ext.workers import model_loading

    base, _tokenizer = quantized
    assert model_loading.keep_weights_trainable(base) == 2 * 7
    assert not any(getattr(m, "support_avx512bf16_for_cpu", False) for m in base.modules())


def test_compact_loss_is_the_stock_loss(model, monkeypatch):
    import torch
    import trl.trainer.utils as trl_utils
    from transformers import AutoModelForCausalLM

    from ftstudio_ext.workers import model_loading

    language_model = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    trl_utils.add_fused_lm_head(language_model, outputs=("log_probs", "entropy", "is_top1"))
    ids = torch.arange(3, 43).reshape(2, 20)
    labels = ids.clone()
    labels[:, :12] = -100

    def loss() -> float:
        out = language_model(input_ids=ids, labels=labels, fused_lm_head=True)
        return float(out.loss.detach())

    monkeypatch.setattr(trl_utils, "_use_triton", lambda device: False)
    stock = loss()
    assert model_loading.score_labelled_positions_only(), "TRL has renamed what we rely on"
    assert loss() == pytest.approx(stock, rel=1e-6)

    monkeypatch.delattr(trl_utils, "_use_triton")
    assert not model_loading.score_labelled_positions_only(), "without it, the stock path"


def test_padding_never_asks_for_a_new_row_in_the_embeddings(model):
    from transformers import AutoModelForCausalLM

    from ftstudio_ext.workers import model_loading

    language_model = AutoModelForCausalLM.from_pretrained(model)
    tokenizer = model_loading.load_tokenizer(model)
    model_loading.fit_pad_token(tokenizer, language_model)
    assert tokenizer.pad_token == "<pad>", "a pad token that the model knows is kept"
    rows = language_model.get_input_embeddings().weight.shape[0]
    tokenizer.add_special_tokens({"pad_token": "<a new one>"})
    model_loading.fit_pad_token(tokenizer, language_model)
    assert tokenizer.pad_token == "<pad>" and tokenizer.pad_token_id < rows


def test_each_epoch_has_an_order_of_its_own_that_the_seed_decides():
    from types import SimpleNamespace

    from transformers.trainer_pt_utils import LengthGroupedSampler

    from ftstudio_ext.workers.flow import SeededOrder

    sampler = LengthGroupedSampler(4, lengths=[5, 9, 2, 7, 3, 8, 1, 6] * 8)
    loader = SimpleNamespace(batch_sampler=SimpleNamespace(sampler=sampler))

    def order(seed: int, epoch: float) -> list[int]:
        state = SimpleNamespace(epoch=epoch)
        SeededOrder(seed).on_epoch_begin(None, state, None, train_dataloader=loader)
        return list(sampler)

    assert order(1, 1.0) == order(1, 1.4), "resumed in the middle of an epoch: the same order"
    assert len({tuple(order(seed, epoch)) for seed in (1, 2) for epoch in (0.0, 1.0)}) == 4


def test_folders_that_cannot_be_trained_on_are_refused_before_loading(tmp_path, model):
    def folder(name: str, *files: str) -> Path:
        made = tmp_path / name
        made.mkdir()
        for file in files:
            (made / file).write_text("{}")
        return made

    cases = {
        "unsafe_weights": folder("a", "config.json", "tokenizer.json", "pytorch_model.bin"),
        "gguf_weights": folder("b", "model.Q4_K_M.gguf"),
        "tokenizer_missing": folder("c", "config.json", "model.safetensors"),
        "model_incomplete": folder("d", "config.json", "tokenizer.json"),
    }
    for code, path in cases.items():
        with pytest.raises(InvalidInput) as caught:
            model_files.check_folder(path)
        assert caught.value.code == code and caught.value.remedy
    with pytest.raises(Unavailable):
        model_files.check_folder(tmp_path / "gone")
    assert model_files.check_folder(model)["model_type"] == "llama"
