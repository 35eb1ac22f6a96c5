"""What a model or adapter folder holds, read without loading it and without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput, NotFound
from ftstudio_ext.core.weights import memory_of
from ftstudio_ext.schema.models import ModelFacts

from .licences import licence_in
from .model_json import MODEL_FIELD, read_object
from .safetensors_header import (
    BadSafetensors,
    count_parameters,
    linear_and_other,
    main_dtype,
    read_header,
)
from .tokenizer_facts import tokenizer_facts

INDEX_FILE = "model.safetensors.index.json"
_COPY_AGAIN = "Copy or download it again."
# config.json's names for one thing, over the years.
_NAMES = {
    "context_length": ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "n_ctx", "max_sequence_length"),
    "hidden_size": ("hidden_size", "n_embd", "d_model", "dim"),
    "layers": ("num_hidden_layers", "n_layer", "num_layers", "n_layers"),
    "vocab_size": ("vocab_size",),
}  # fmt: skip


def model_facts(folder: Path) -> ModelFacts:
    """The facts of a folder in Hugging Face format. Raises NotFound or InvalidInput (field
    `source.path`) where it is not one, or is not whole."""
    _check_kind(folder)
    config = read_object(folder / "config.json")
    facts = config_facts(config) | tokenizer_facts(folder, config)
    files = _weight_files(folder)
    headers = [_header(file) for file in files]
    quantization = config.get("quantization_config")
    bits = 4 if isinstance(quantization, dict) and quantization.get("load_in_4bit") else None
    packed = facts["quantized"] is not None and not facts["quantized"].startswith("bitsandbytes")
    facts["parameters"] = None if packed else count_parameters(headers, bits)
    facts["size_bytes"] = sum(file.stat().st_size for file in files)
    facts["dtype"] = facts["dtype"] or main_dtype(headers)
    facts["licence"] = licence_in(folder)
    if facts["quantized"] is None:
        facts["memory"] = memory_of(*linear_and_other(headers), exact=True)
    return ModelFacts.model_validate(facts)


def config_facts(config: dict[str, Any]) -> dict[str, Any]:
    """What config.json alone tells; models for text and images keep theirs in `text_config`."""
    text = config.get("text_config")
    inner = text if isinstance(text, dict) else {}
    listed = config.get("architectures")
    architectures = (
        [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    )
    model_type = config.get("model_type")
    if not isinstance(model_type, str) and not architectures:
        raise InvalidInput(
            "config.json names neither a model type nor an architecture.",
            field=MODEL_FIELD,
            remedy="Choose the folder of a transformers model; its config.json has `model_type`.",
        )
    facts: dict[str, Any] = {
        "architecture": architectures[0] if architectures else None,
        "model_type": model_type if isinstance(model_type, str) else None,
        "dtype": _dtype(config) or _dtype(inner),
        "quantized": quantized_in(config.get("quantization_config")),
    }
    for fact, names in _NAMES.items():
        found = (place.get(name) for place in (config, inner) for name in names)
        facts[fact] = next((value for value in found if isinstance(value, int)), None)
    return facts


def _dtype(config: dict[str, Any]) -> str | None:
    value = config.get("dtype") or config.get("torch_dtype")
    return value.removeprefix("torch.") if isinstance(value, str) else None


def quantized_in(settings: Any) -> str | None:
    """Method and bits of a `quantization_config`."""
    if not isinstance(settings, dict):
        return None
    method = settings.get("quant_method") or "bitsandbytes"
    if settings.get("load_in_4bit"):
        return f"{method} 4-bit"
    if settings.get("load_in_8bit"):
        return f"{method} 8-bit"
    bits = settings.get("bits")
    return f"{method} {bits}-bit" if isinstance(bits, int) else str(method)


def _check_kind(folder: Path) -> None:
    """Say what the path is where it is not a model's folder."""
    if folder.is_file():
        gguf = folder.suffix.lower() == ".gguf"
        raise InvalidInput(
            f"{folder.name} is a {'GGUF' if gguf else 'single'} file, not a model's folder.",
            field=MODEL_FIELD,
            remedy=_GGUF_REMEDY if gguf else "Choose the folder with config.json in it.",
        )
    if not folder.is_dir():
        raise NotFound(
            f"There is no folder {folder.name}.",
            field=MODEL_FIELD,
            remedy="Check the path; it is relative to the server's root directory.",
        )
    if (folder / "config.json").exists():
        return
    message, remedy = _without_config(folder)
    raise InvalidInput(message, field=MODEL_FIELD, remedy=remedy)


_GGUF_REMEDY = (
    "GGUF is for inference: convert it to Hugging Face format first, for example with "
    "`AutoModelForCausalLM.from_pretrained(folder, gguf_file=...)` and `save_pretrained`, or "
    "import the original model."
)


def _without_config(folder: Path) -> tuple[str, str]:
    if (folder / "adapter_config.json").exists():
        return (
            f"The folder {folder.name} holds an adapter, not a base model.",
            "Import it as an adapter, and its base model here.",
        )
    if gguf := next(folder.glob("*.gguf"), None):
        return f"The folder {folder.name} holds a GGUF file ({gguf.name}).", _GGUF_REMEDY
    inner = [path.parent.name for path in folder.glob("*/config.json")]
    if inner:
        return (
            f"The folder {folder.name} has no config.json, but a folder in it has.",
            f"Choose {folder.name}/{inner[0]}.",
        )
    return (
        f"The folder {folder.name} has no config.json, so it is not a model in Hugging Face format.",
        "Choose the folder with config.json, the safetensors weights and the tokenizer.",
    )


def _weight_files(folder: Path) -> list[Path]:
    if (folder / INDEX_FILE).exists():
        weights = read_object(folder / INDEX_FILE).get("weight_map")
        names = sorted(set(weights.values())) if isinstance(weights, dict) else []
        missing = [name for name in names if not (folder / name).is_file()]
        if missing or not names:
            listed = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
            what = f"{len(missing)} of {len(names)} weight files are missing ({listed})"
            raise InvalidInput(
                f"{folder.name}: {what if names else f'{INDEX_FILE} lists no files'}.",
                field=MODEL_FIELD,
                remedy="Copy or download the missing files.",
            )
        return [folder / name for name in names]
    files = sorted(folder.glob("model*.safetensors")) or sorted(
        path for path in folder.glob("*.safetensors") if not path.name.startswith("adapter")
    )
    if not files:
        message, remedy = _without_weights(folder)
        raise InvalidInput(message, field=MODEL_FIELD, remedy=remedy)
    return files


def _without_weights(folder: Path) -> tuple[str, str]:
    pickled = [*folder.glob("*.bin"), *folder.glob("*.pt"), *folder.glob("*.pth")]
    if pickled:
        return (
            f"The folder {folder.name} has its weights as pickle only ({pickled[0].name}). "
            "Pickles can run any code when they are loaded, so they are not imported.",
            "Load the model where you trust it and write it again with "
            "`save_pretrained(folder)`, which makes safetensors.",
        )
    if (folder / "adapter_config.json").exists():
        return (
            f"The folder {folder.name} holds an adapter, without the weights of a base model.",
            "Import it as an adapter.",
        )
    return f"The folder {folder.name} has no safetensors weights.", "Copy model.safetensors there."


def _header(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return read_header(path)
    except BadSafetensors as error:
        remedy = "Run `git lfs pull` there." if "LFS" in str(error) else _COPY_AGAIN
        raise InvalidInput(
            f"{path.parent.name}/{path.name} {error}.", field=MODEL_FIELD, remedy=remedy
        ) from None


def adapter_facts(folder: Path) -> dict[str, Any]:
    """{config, base_model_name_or_path, size_bytes, parameters, tensors} of a PEFT folder.

    Raises NotFound or InvalidInput (field `source.path`).
    """
    if not folder.is_dir():
        raise NotFound(
            f"There is no folder {folder.name}.",
            field=MODEL_FIELD,
            remedy="Choose a folder with adapter_config.json and adapter_model.safetensors.",
        )
    config = _adapter_config(folder)
    weights = folder / "adapter_model.safetensors"
    if not weights.exists():
        pickled = (folder / "adapter_model.bin").exists()
        raise InvalidInput(
            f"The folder {folder.name} has no adapter_model.safetensors"
            + (", only adapter_model.bin, a pickle, which is not imported." if pickled else "."),
            field=MODEL_FIELD,
            remedy="Load the adapter where you trust it and write it again with "
            "`save_pretrained(folder)`."
            if pickled
            else "Copy adapter_model.safetensors there.",
        )
    header = _header(weights)
    if not header:
        raise InvalidInput(
            f"{folder.name}/{weights.name} holds no tensors.", field=MODEL_FIELD, remedy=_COPY_AGAIN
        )
    return {
        "config": config,
        "base_model_name_or_path": config.get("base_model_name_or_path"),
        "size_bytes": weights.stat().st_size,
        "parameters": count_parameters([header], None),
        "tensors": len(header),
    }


def _adapter_config(folder: Path) -> dict[str, Any]:
    path = folder / "adapter_config.json"
    if not path.exists() and (folder / "config.json").exists():
        raise InvalidInput(
            f"The folder {folder.name} holds a whole model, not an adapter.",
            field=MODEL_FIELD,
            remedy="Import it as a base model.",
        )
    config = read_object(path)
    if not config.get("peft_type"):
        raise InvalidInput(
            f"{folder.name}/adapter_config.json names no peft_type.",
            field=MODEL_FIELD,
            remedy="Only adapters that PEFT wrote can be imported.",
        )
    return config
