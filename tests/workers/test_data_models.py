"""Facts of model and adapter folders, read from their files, and what is wrong in words."""

from __future__ import annotations

import json
import os
import shutil
import struct
from pathlib import Path

import pytest

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.workers.data import VERBS

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "vocab_size": 100,
    "max_position_embeddings": 512,
    "torch_dtype": "bfloat16",
    "eos_token_id": 2,
}


def safetensors(path: Path, tensors: dict[str, tuple[str, list[int]]]) -> None:
    """A file of zeros with these tensors, written as the format's page says."""
    sizes = {"BF16": 2, "F32": 4, "U8": 1}
    header, end = {}, 0
    for name, (dtype, shape) in tensors.items():
        size = sizes[dtype]
        for length in shape:
            size *= length
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * end)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    tokenizer = {"added_tokens": [{"id": 2, "content": "</s>"}]}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    settings = {"pad_token": {"content": "<pad>"}, "bos_token": "<s>", "chat_template": "{{ x }}"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    safetensors(folder / "model.safetensors", {"a": ("BF16", [100, 8]), "b": ("F32", [8])})
    return folder


def facts_of(folder: Path) -> dict:
    return VERBS["model_facts"]({"path": str(folder)}, None)


def test_facts_of_a_model(model: Path):
    assert facts_of(model) == {
        "architecture": "LlamaForCausalLM",
        "model_type": "llama",
        "parameters": 808,
        "context_length": 512,
        "dtype": "bfloat16",
        "vocab_size": 100,
        "hidden_size": 8,
        "layers": 2,
        "pad_token": "<pad>",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "chat_template": True,
        "quantized": None,
        "size_bytes": (model / "model.safetensors").stat().st_size,
        "licence": None,
        "unk_token": None,
        "special_tokens": ["</s>", "<s>", "<pad>"],
        "memory": {"bits4": 1616, "bits8": 1616, "bits16": 1616, "exact": True},
        "pad_note": None,
    }


def test_memory_counts_linear_layers_apart_from_what_is_never_quantized(model: Path):
    layers = {f"model.layers.{n}.mlp.up_proj.weight": ("BF16", [100, 100]) for n in range(3)}
    others = {
        "model.embed_tokens.weight": ("BF16", [100, 8]),
        "lm_head.weight": ("BF16", [100, 8]),
        "model.norm.weight": ("BF16", [8]),
        "model.layers.0.mlp.up_proj.bias": ("BF16", [100]),
    }
    safetensors(model / "model.safetensors", layers | others)
    rest = 2 * (2 * 800 + 108)
    assert facts_of(model)["memory"] == {
        "bits4": round(30_000 * 0.5159) + rest,
        "bits8": 30_000 + rest,
        "bits16": 2 * 30_000 + rest,
        "exact": True,
    }


@pytest.mark.parametrize(
    ("file", "text", "licence"),
    [
        ("README.md", "---\nlanguage: en\nlicense: apache-2.0\n---\n# Model\n", "apache-2.0"),
        ("README.md", "---\nlicense: other\nlicense_name: qwen-research\n---\n", "qwen-research"),
        ("LICENSE", "                 Apache License\n           Version 2.0\n", "apache-2.0"),
        ("LICENSE.txt", "META LLAMA 3 COMMUNITY LICENSE AGREEMENT", "llama3"),
        ("LICENSE.md", "Do what you like.", "see LICENSE.md"),
        ("README.md", "# A model\nlicense: none of it\n", None),
    ],
)
def test_the_licence_is_read_from_card_or_file(file, text, licence, model: Path):
    (model / file).write_text(text)
    assert facts_of(model)["licence"] == licence


def test_a_model_without_padding_is_told_what_is_done_instead(model: Path):
    tokens = [{"id": 2, "content": "</s>"}, {"id": 3, "content": "<|reserved_0|>"}]
    (model / "tokenizer.json").write_text(json.dumps({"added_tokens": tokens}))
    (model / "tokenizer_config.json").write_text(json.dumps({"eos_token": "</s>"}))
    facts = facts_of(model)
    assert facts["pad_token"] is None and "<|reserved_0|>" in facts["pad_note"]
    settings = {"eos_token": "</s>", "pad_token": "[PAD]"}
    (model / "tokenizer_config.json").write_text(json.dumps(settings))
    tokens.append({"id": 100, "content": "[PAD]"})
    (model / "tokenizer.json").write_text(json.dumps({"added_tokens": tokens}))
    assert "no row for its padding token [PAD]" in facts_of(model)["pad_note"]


def test_sharded_model_counts_all_files(model: Path):
    (model / "model.safetensors").unlink()
    names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    safetensors(model / names[0], {"a": ("BF16", [100, 8])})
    safetensors(model / names[1], {"b": ("BF16", [10])})
    index = {"weight_map": {"a": names[0], "b": names[1]}}
    (model / "model.safetensors.index.json").write_text(json.dumps(index))
    assert facts_of(model)["parameters"] == 810
    (model / names[1]).unlink()
    refused(model, "1 of 2 weight files are missing (model-00002-of-00002.safetensors)", "missing")


def test_four_bit_weights_count_two_in_a_byte(model: Path):
    quantization = {"load_in_4bit": True, "quant_method": "bitsandbytes"}
    (model / "config.json").write_text(json.dumps({**CONFIG, "quantization_config": quantization}))
    safetensors(
        model / "model.safetensors",
        {
            "w": ("U8", [32, 1]),
            "w.absmax": ("U8", [4]),
            "w.quant_state.bitsandbytes__nf4": ("U8", [9]),
        },
    )
    facts = facts_of(model)
    assert (facts["parameters"], facts["quantized"]) == (64, "bitsandbytes 4-bit")


def test_names_of_other_architectures_and_template_files(model: Path):
    config = {"model_type": "gpt2", "n_embd": 16, "n_layer": 3, "n_positions": 64, "vocab_size": 9}
    (model / "config.json").write_text(json.dumps(config))
    (model / "tokenizer_config.json").write_text(json.dumps({"eos_token": "<eot>"}))
    facts = facts_of(model)
    assert (facts["hidden_size"], facts["layers"], facts["context_length"]) == (16, 3, 64)
    assert (facts["dtype"], facts["eos_token"], facts["chat_template"]) == (
        "bfloat16",
        "<eot>",
        False,
    )
    (model / "chat_template.jinja").write_text("{{ messages }}")
    assert facts_of(model)["chat_template"] is True
    inner = {"model_type": "vlm", "text_config": {"hidden_size": 4, "num_hidden_layers": 1}}
    (model / "config.json").write_text(json.dumps(inner))
    assert facts_of(model)["hidden_size"] == 4


def without(*names: str):
    def spoil(folder: Path):
        for name in names:
            (folder / name).unlink()

    return spoil


def instead(name: str, data: bytes, *gone: str):
    def spoil(folder: Path):
        without(*gone)(folder)
        (folder / name).write_bytes(data)

    return spoil


def cut(folder: Path):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def nested(folder: Path):
    (folder / "inner").mkdir()
    (folder / "config.json").rename(folder / "inner" / "config.json")


SPOILED = {
    "no config": (without("config.json"), "has no config.json", "safetensors"),
    "config one folder down": (nested, "a folder in it has", "Choose tiny/inner"),
    "broken config": (instead("config.json", b'{"a": '), "config.json is not valid JSON", "again"),
    "config is a list": (instead("config.json", b"[]"), "does not hold a JSON object", "again"),
    "config of something else": (instead("config.json", b"{}"), "neither a model type", "model_type"),
    "gguf": (
        instead("q4.gguf", b"GGUF", "config.json", "model.safetensors"),
        "a GGUF file (q4.gguf)",
        "convert it",
    ),
    "pickled weights": (
        instead("pytorch_model.bin", b"x", "model.safetensors"),
        "pickle only (pytorch_model.bin)",
        "save_pretrained",
    ),
    "no weights": (without("model.safetensors"), "no safetensors weights", "model.safetensors"),
    "adapter": (
        instead("adapter_config.json", b"{}", "config.json", "model.safetensors"),
        "holds an adapter, not a base model",
        "as an adapter",
    ),
    "no tokenizer": (without("tokenizer.json"), "has no tokenizer", "save_pretrained"),
    "broken tokenizer settings": (
        instead("tokenizer_config.json", b"{"),
        "tokenizer_config.json is not valid JSON",
        "again",
    ),
    "weights cut short": (cut, "cut short: 100 bytes are missing", "again"),
    "weights are not": (instead("model.safetensors", b"x" * 99), "is not a safetensors file", "again"),
    "weights are a pointer": (
        instead("model.safetensors", b"version https://git-lfs.github.com/spec/v1\n"),
        "Git LFS pointer",
        "git lfs pull",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_spoiled_model_is_refused_in_words(case: str, model: Path):
    spoil, says, remedy = SPOILED[case]
    spoil(model)
    refused(model, says, remedy)


def refused(folder: Path, says: str, remedy: str, verb: str = "model_facts") -> None:
    with pytest.raises(StudioError) as caught:
        VERBS[verb]({"path": str(folder)}, None)
    assert says in caught.value.message, caught.value.message
    assert remedy in (caught.value.remedy or ""), caught.value.remedy
    assert caught.value.field == "source.path"
    assert caught.value.code == ("not_found" if "There is no" in says else "invalid_input")


def test_a_path_that_is_no_folder_is_said(tmp_path: Path):
    refused(tmp_path / "nowhere", "There is no folder nowhere", "Check the path")
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    refused(tmp_path / "m.gguf", "m.gguf is a GGUF file", "convert it")


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    folder = tmp_path / "lora"
    folder.mkdir()
    config = {"peft_type": "LORA", "r": 8, "base_model_name_or_path": "models/tiny"}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    safetensors(folder / "adapter_model.safetensors", {"x.lora_A": ("F32", [8, 16])})
    return folder


def test_facts_of_an_adapter(adapter: Path):
    facts = VERBS["adapter_facts"]({"path": str(adapter)}, None)
    assert facts["config"]["r"] == 8
    assert facts["base_model_name_or_path"] == "models/tiny"
    assert (facts["parameters"], facts["tensors"]) == (128, 1)
    assert facts["size_bytes"] == (adapter / "adapter_model.safetensors").stat().st_size


def test_spoiled_adapters_are_refused_in_words(adapter: Path, model: Path, tmp_path: Path):
    refused(model, "holds a whole model", "as a base model", "adapter_facts")
    refused(tmp_path / "none", "There is no folder", "adapter_config.json", "adapter_facts")
    config = adapter / "adapter_config.json"
    kept = config.read_text()
    config.write_text("{}")
    refused(adapter, "names no peft_type", "PEFT", "adapter_facts")
    config.write_text(kept)
    weights = adapter / "adapter_model.safetensors"
    shutil.copy(weights, tmp_path / "kept")
    weights.write_bytes(weights.read_bytes()[:-4])
    refused(adapter, "cut short: 4 bytes", "again", "adapter_facts")
    weights.rename(adapter / "adapter_model.bin")
    refused(adapter, "only adapter_model.bin, a pickle", "save_pretrained", "adapter_facts")
    (adapter / "adapter_model.bin").unlink()
    refused(adapter, "has no adapter_model.safetensors.", "Copy", "adapter_facts")
    config.unlink()
    refused(adapter, "has no adapter_config.json", "Choose the folder", "adapter_facts")


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
def test_pipes_and_folders_in_place_of_files_are_refused(adapter: Path, name: str):
    (adapter / name).unlink()
    os.mkfifo(adapter / name)
    refused(adapter, "file", "", "adapter_facts")
    (adapter / name).unlink()
    (adapter / name).mkdir()
    refused(adapter, "file", "", "adapter_facts")


def test_odd_values_in_a_configuration_are_no_crash(adapter: Path, model: Path):
    config = adapter / "adapter_config.json"
    config.write_text('{"peft_type": "LORA", "note": "\\ud800"}')
    refused(adapter, "not valid JSON", "copy", "adapter_facts")
    odd = {**CONFIG, "architectures": 5, "model_type": "llama", "quantization_config": "yes"}
    (model / "config.json").write_text(json.dumps(odd))
    assert VERBS["model_facts"]({"path": str(model)}, None)["architecture"] is None
