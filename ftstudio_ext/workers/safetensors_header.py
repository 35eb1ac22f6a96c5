"""What a safetensors file holds, from its header alone: names, shapes and types of tensors.

Format: 8 bytes little-endian length, that many bytes of JSON, then the data.
https://huggingface.co/docs/safetensors#format
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MAX_HEADER_BYTES = 100 << 20
_DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I8": "int8", "U8": "uint8", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2"}  # fmt: skip
# What bitsandbytes keeps beside a quantized weight: `w.absmax`, `w.quant_map`, `w.quant_state…`.
_QUANTIZATION_PARTS = (".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map", ".SCB", ".weight_format")  # fmt: skip


class BadSafetensors(ValueError):
    """The file is not whole or not safetensors; the message says what is wrong with it."""


def read_header(path: Path) -> dict[str, dict[str, Any]]:
    """{tensor: {dtype, shape, data_offsets}}. Raises BadSafetensors."""
    if not path.is_file():
        raise BadSafetensors("is not a file")
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(8)
        if first.startswith(b"version "):
            raise BadSafetensors("is a Git LFS pointer: the weights themselves are not there")
        length = int.from_bytes(first, "little")
        if len(first) < 8 or not 2 <= length <= MAX_HEADER_BYTES:
            raise BadSafetensors("is not a safetensors file")
        if 8 + length > size:
            raise BadSafetensors("is cut short, within its header")
        try:
            header = json.loads(file.read(length))
        except (ValueError, RecursionError):
            raise BadSafetensors("has a broken header") from None
    if not isinstance(header, dict):
        raise BadSafetensors("has a broken header")
    header.pop("__metadata__", None)
    try:
        end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
    except (TypeError, KeyError, IndexError):
        raise BadSafetensors("has a broken header") from None
    if 8 + length + end != size:
        missing = 8 + length + end - size
        raise BadSafetensors(
            f"is cut short: {missing:,} bytes are missing" if missing > 0 else "is damaged"
        )
    return header


def count_parameters(headers: Iterable[dict[str, dict[str, Any]]], bits: int | None) -> int:
    """Parameters in all tensors; 4-bit weights (`bits` 4) hold two in a byte."""
    total = 0
    for header in headers:
        for name, entry in header.items():
            if name.endswith(_QUANTIZATION_PARTS) or ".quant_state." in name:
                continue
            packed = bits == 4 and entry["dtype"] == "U8"
            total += math.prod(entry["shape"]) * (2 if packed else 1)
    return total


def main_dtype(headers: Iterable[dict[str, dict[str, Any]]]) -> str | None:
    """The type that most parameters have, as torch calls it."""
    sizes: Counter[str] = Counter()
    for header in headers:
        for entry in header.values():
            sizes[entry["dtype"]] += math.prod(entry["shape"])
    if not sizes:
        return None
    name = sizes.most_common(1)[0][0]
    return _DTYPES.get(name, name.lower())


_NOT_LINEAR = re.compile(r"embed|wte|wpe|lm_head|shared|word_emb|pos_emb|output\.weight$", re.I)


def linear_and_other(headers: Iterable[dict[str, dict[str, Any]]]) -> tuple[int, int]:
    """Parameters in the linear layers, which quantization makes smaller, and in all else:
    embeddings, the output layer, norms and biases."""
    linear = other = 0
    for header in headers:
        for name, entry in header.items():
            size = math.prod(entry["shape"])
            is_linear = (
                len(entry["shape"]) == 2
                and name.endswith(".weight")
                and not _NOT_LINEAR.search(name)
            )
            linear, other = (linear + size, other) if is_linear else (linear, other + size)
    return linear, other
