"""A base model that stays in memory, and the adapters on it: added and dropped without loading
the base again, as many as memory holds."""

from __future__ import annotations

import contextlib
import gc
import logging
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.files import read_json
from ftstudio_ext.jobs import devices

from . import environment, model_files
from .decoding import BASE, mixing
from .generation import load_base
from .model_loading import fit_pad_token, load_tokenizer

RESERVE_BYTES = 512 * 1024 * 1024
"""Left free beside an adapter that is loaded: the answers need memory too."""
_LORA = "LORA"


class ResidentModel:
    """One base model in one precision. Not for several threads at once."""

    def __init__(
        self, folder: Path, precision: str, free_bytes: Callable[[], int] | None = None
    ) -> None:
        config = model_files.check_folder(folder)
        started = time.monotonic()
        self.tokenizer = load_tokenizer(folder)
        self.precision = precision
        self._folder = folder
        self.stored_as = model_files.quantized_with(config)
        self._base = load_base(folder, precision)
        fit_pad_token(self.tokenizer, self._base)
        self.model: Any = self._base
        self.loading_s = time.monotonic() - started
        self._free_bytes = free_bytes or free_memory_bytes
        self._family: str | None = None
        self._adapters: OrderedDict[str, str | None] = OrderedDict()

    # --- what it is -------------------------------------------------------------------------

    @property
    def adapters(self) -> list[str]:
        """Keys of the adapters in memory, the one used longest ago first."""
        return list(self._adapters)

    @property
    def context_length(self) -> int | None:
        """Most tokens of prompt and answer together, where the model says so."""
        found = getattr(self._base.config, "max_position_embeddings", None)
        return int(found) if found else None

    def cache_bytes_per_token(self) -> int:
        """What the model remembers of a token while it writes."""
        config = self._base.config
        heads = getattr(config, "num_attention_heads", 1)
        size = getattr(config, "head_dim", None) or config.hidden_size // heads
        kept = getattr(config, "num_key_value_heads", None) or heads
        width = torch.finfo(self._base.dtype).bits // 8
        return int(2 * config.num_hidden_layers * kept * size * width)

    def ends(self) -> set[int]:
        """The tokens that end an answer in the model's own words."""
        own = self._base.generation_config.eos_token_id
        listed = own if isinstance(own, list) else [own]
        return {int(token) for token in [*listed, self.tokenizer.eos_token_id] if token is not None}

    def why_unmixed(self, adapter: str) -> str | None:
        """Why this loaded adapter cannot share a batch with others; None when it can."""
        return self._adapters.get(adapter)

    # --- adapters ---------------------------------------------------------------------------

    def require(self, adapter: str, folder: Path, keep: Sequence[str] = ()) -> list[str]:
        """Have an adapter in memory; returns the keys of those that had to make room. Those in
        `keep` stay. Raises InvalidInput when it does not fit the base model."""
        if adapter in self._adapters:
            self._adapters.move_to_end(adapter)
            return []
        family, size, dora = _facts(folder)
        if dora and self.precision == "8-bit":
            raise InvalidInput(
                "DoRA adapters do not run on a base model in 8 bits.",
                field="precision",
                remedy="Choose 4-bit or 16-bit.",
            )
        dropped = [] if family in (self._family, None) else self._strip()
        dropped += self._make_room(2 * size, keep)
        self._load(adapter, folder)
        self._family = family
        self._adapters[adapter] = self._probe(adapter, family)
        return dropped

    def drop(self, adapter: str) -> None:
        """Take an adapter out of memory."""
        if self._adapters.pop(adapter, "") == "":
            return
        if not self._adapters:
            self._strip()
        else:
            self.model.delete_adapter(adapter)
        gc.collect()

    @contextlib.contextmanager
    def using(self, adapter: str | None) -> Iterator[Any]:
        """The model with just this adapter at work; None: the base model alone."""
        if self.model is self._base:
            yield self.model
        elif adapter is None:
            with self.model.disable_adapter():
                yield self.model
        else:
            self.model.set_adapter(adapter)
            with self._casting():
                yield self.model

    def _casting(self) -> contextlib.AbstractContextManager[Any]:
        """PEFT keeps adapters in 32 bits; LoRA's layers cast by themselves, others, as in training,
        only under autocast."""
        dtype = self._base.dtype
        if self._family == _LORA or dtype == torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self._base.device.type, dtype=dtype)

    def _load(self, adapter: str, folder: Path) -> None:
        from peft import PeftModel

        try:
            if self.model is self._base:
                self.model = PeftModel.from_pretrained(
                    self._base, str(folder), adapter_name=adapter
                )
            else:
                self.model.load_adapter(str(folder), adapter_name=adapter)
        except (RuntimeError, ValueError, KeyError, TypeError, OSError) as error:
            self._clean_up_after(adapter)
            raise _does_not_fit(folder, error) from error
        self.model.eval()

    def _clean_up_after(self, adapter: str) -> None:
        """A half-loaded adapter must not stay in the layers."""
        if not self._adapters:
            self._strip()
        else:
            with contextlib.suppress(Exception):
                self.model.delete_adapter(adapter)

    def _strip(self) -> list[str]:
        """Back to the base model alone, in place; returns the keys of what was dropped."""
        dropped = list(self._adapters)
        self._adapters.clear()
        self._family = None
        if self.model is not self._base:
            self._base = self._bare()
        self.model = self._base
        gc.collect()
        return dropped

    def _bare(self) -> Any:
        """The base model without PEFT's layers; loaded again where PEFT cannot take them off."""
        tuner = self.model.base_model
        try:
            base = tuner.unload() if hasattr(tuner, "unload") else self._base
        except (ValueError, NotImplementedError, AttributeError):
            return load_base(self._folder, self.precision)
        for name in ("peft_config", "_hf_peft_config_loaded"):
            with contextlib.suppress(AttributeError):
                delattr(base, name)
        return base

    def _make_room(self, needed_bytes: int, keep: Sequence[str]) -> list[str]:
        dropped = []
        for adapter in list(self._adapters):
            if self._free_bytes() >= needed_bytes + RESERVE_BYTES:
                break
            if adapter not in keep:
                self.drop(adapter)
                dropped.append(adapter)
        return dropped

    def _probe(self, adapter: str, family: str | None) -> str | None:
        """Ask PEFT itself, with one token, whether it mixes this adapter with others."""
        if family != _LORA:
            return f"PEFT mixes LoRA adapters only, and it is {family}"
        ids = torch.tensor([[self.tokenizer.eos_token_id]] * 2, device=self._base.device)
        try:
            with torch.inference_mode(), mixing(self.model):
                self.model(input_ids=ids, adapter_names=[adapter, BASE])
        except (ValueError, TypeError, NotImplementedError, RuntimeError) as error:
            return "PEFT: " + str(error).strip().splitlines()[0].rstrip(".")
        return None


def adapter_type(folder: Path) -> str:
    """LORA, IA3, …: PEFT's word; empty where the folder cannot be read, which `require` says."""
    try:
        return str(_facts(folder)[0])
    except InvalidInput:
        return ""


def free_memory_bytes() -> int:
    """Free memory of the device that models are loaded on."""
    if torch.cuda.is_available():
        return int(torch.cuda.mem_get_info()[0])
    return devices.cpu().memory_free_bytes


def quiet_int8() -> None:
    """bitsandbytes says at every 8-bit multiplication that it casts its input."""
    logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="MatMul8bitLt: inputs will be cast")


def memory_bytes() -> int | None:
    """Memory in use by this process: the GPU's where there is one."""
    found = environment.memory_bytes().get("memory_bytes")
    return None if found is None else int(found)


def _facts(folder: Path) -> tuple[str | None, int, bool]:
    """The adapter's type in PEFT's words, the bytes of its weights, and whether it is DoRA."""
    try:
        config = read_json(folder / "adapter_config.json")
        weights = folder / "adapter_model.safetensors"
        return str(config.get("peft_type")), weights.stat().st_size, bool(config.get("use_dora"))
    except (OSError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"The adapter in {folder} cannot be read: {error}",
            field="adapters",
            remedy="Import or train it again.",
            code="adapter_damaged",
        ) from error


def _does_not_fit(folder: Path, error: Exception) -> InvalidInput:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return InvalidInput(
        f"The adapter in {folder} could not be loaded onto this base model: {first}",
        field="adapters",
        remedy="Choose the base model that it was trained on; if its files are damaged, "
        "import or train it again.",
        code="adapter_does_not_fit",
    )
