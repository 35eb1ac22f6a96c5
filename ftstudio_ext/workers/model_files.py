"""A base model's folder, before anything is loaded from it: is it one that we can train on?

Weights load from safetensors only. A `.bin` is a pickle, and a pickle can run any code; a GGUF
file is made for inference and cannot be trained.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput, Unavailable
from ftstudio_ext.schema.models import BaseModelRecord, HubModelSource

HUB_PATTERNS = [
    "*.safetensors",
    "*.safetensors.index.json",
    "config.json",
    "generation_config.json",
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.model",
    "*.tiktoken",
    "chat_template*",
]
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")


def local_folder(model: BaseModelRecord) -> Path:
    """The folder of a local model, or of a hub model's snapshot, downloaded when it is missing."""
    if isinstance(model.source, HubModelSource) and model.path is None:
        from huggingface_hub import snapshot_download

        return Path(
            snapshot_download(
                model.source.repo_id,
                revision=model.source_revision or model.source.revision,
                allow_patterns=HUB_PATTERNS,
            )
        )
    if model.path is None:
        raise InvalidInput(
            f"The base model {model.name!r} has no folder.",
            field="base_model",
            remedy="Import it again.",
        )
    return Path(model.path)


def is_on_hub(model: BaseModelRecord) -> bool:
    """Whether the model has to come from the hub."""
    return isinstance(model.source, HubModelSource) and model.path is None


def check_folder(folder: Path) -> dict[str, Any]:
    """The parsed config.json; raises InvalidInput or Unavailable with what is missing."""
    if not folder.is_dir():
        raise Unavailable(
            f"The base model's folder {folder} does not exist any more.",
            field="base_model",
            remedy="Put it back, or import the model again from where it is now.",
            code="model_missing",
        )
    names = {entry.name for entry in folder.iterdir()}
    _check_weights(folder, names)
    if "config.json" not in names:
        raise _unusable(
            folder,
            "model_incomplete",
            "has no config.json",
            "Choose the folder that holds config.json, the weights and the tokenizer.",
        )
    if not names.intersection(_TOKENIZER_FILES):
        raise _unusable(
            folder,
            "tokenizer_missing",
            "has no tokenizer (tokenizer.json or tokenizer.model)",
            "Copy the tokenizer files of the original model into this folder.",
        )
    return _config(folder)


def quantized_with(config: dict[str, Any]) -> str | None:
    """The method with which the stored weights are quantized already, if they are."""
    found = config.get("quantization_config")
    return str(found.get("quant_method", "unknown")) if isinstance(found, dict) else None


def _check_weights(folder: Path, names: set[str]) -> None:
    if any(name.endswith(".safetensors") for name in names):
        return
    if any(name.endswith(".gguf") for name in names):
        raise _unusable(
            folder,
            "gguf_weights",
            "holds GGUF weights, which are made for inference only",
            "Import the original model in Hugging Face format (config.json and safetensors).",
        )
    if any(name.endswith((".bin", ".pt", ".pth", ".ckpt")) for name in names):
        raise _unusable(
            folder,
            "unsafe_weights",
            "holds its weights as pickles (.bin), which may run any code when loaded",
            "Use a version with safetensors, or convert it where you trust it: "
            "AutoModelForCausalLM.from_pretrained(…).save_pretrained(…).",
        )
    raise _unusable(
        folder,
        "model_incomplete",
        "has no weights (*.safetensors)",
        "Choose the folder that holds config.json, the weights and the tokenizer.",
    )


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise _unusable(
            folder, "model_incomplete", f"has a broken config.json: {error}", "Copy it again."
        ) from error
    return config if isinstance(config, dict) else {}


def _unusable(folder: Path, code: str, what: str, remedy: str) -> InvalidInput:
    return InvalidInput(
        f"The base model's folder {folder} {what}.", field="base_model", remedy=remedy, code=code
    )
