"""Known failures of the libraries, in words and with a remedy. The traceback goes to the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.jobs.outcome import disk_full, is_disk_full
from ftstudio_ext.schema.training import TrainSpec

Explanation = StudioError | None


def explain(error: BaseException, folder: Path, spec: TrainSpec | None = None) -> StudioError:
    """The failure as an error that a person can act on; `folder` is the run directory."""
    if isinstance(error, StudioError):
        return error
    if isinstance(error, ProbeFailed):
        return _in_the_check(explain(error.cause, folder, spec), error.batch)
    if is_disk_full(error, folder):
        words = disk_full(folder)
        return StudioError(words["message"], remedy=words["remedy"], code=words["code"])
    for known in _KNOWN:
        if (found := known(error, spec)) is not None:
            return found
    text = " ".join(str(error).split())[:500]
    return StudioError(
        f"{type(error).__name__}: {text}" if text else type(error).__name__,
        remedy="The log has the full traceback.",
        code="worker_error",
    )


class ProbeFailed(Exception):
    """The check before training failed on a batch of (rows, tokens)."""

    def __init__(self, cause: BaseException, batch: tuple[int, int]) -> None:
        super().__init__(str(cause))
        self.cause, self.batch = cause, batch


def _in_the_check(found: StudioError, batch: tuple[int, int]) -> StudioError:
    if found.code == "out_of_memory":
        found.message = (
            f"{found.message[:-1]} in the check before training: the longest batch has {batch[0]} "
            f"rows of {batch[1]:,} tokens."
        )
    return found


def _out_of_memory(error: BaseException, spec: TrainSpec | None) -> Explanation:
    text = str(error)
    on_gpu = type(error).__name__ == "OutOfMemoryError" or "CUDA out of memory" in text
    on_host = isinstance(error, MemoryError) or any(
        sign in text
        for sign in ("DefaultCPUAllocator", "Cannot allocate memory", "CUDA_ERROR_OUT_OF_MEMORY")
    )
    if not on_gpu and not on_host:
        return None
    where = "The GPU's memory" if on_gpu else "The machine's memory"
    return StudioError(f"{where} ran out.", remedy=_less_memory(spec), code="out_of_memory")


def _less_memory(spec: TrainSpec | None) -> str:
    ways = []
    if spec is None or spec.per_device_batch_size != 1:
        ways.append("set the batch size per device to 1 (the effective batch size may stay)")
    if spec is None or not spec.gradient_checkpointing:
        ways.append("switch gradient checkpointing on")
    shown = f" (now {spec.max_length})" if spec else ""
    ways.append(f"lower the max sequence length{shown}")
    if spec is not None and spec.method == "lora":
        ways.append("use QLoRA")
    ways.append("choose a smaller model")
    sentence = "; ".join(ways)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _hub(error: BaseException, spec: TrainSpec | None) -> Explanation:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    model = repr(spec.base_model) if spec else "the model"
    if "GatedRepoError" in kinds:
        return StudioError(
            f"Access to the base model {model} is restricted by its authors.",
            field="base_model",
            remedy="Accept its terms on huggingface.co with your account, and set a hub token of "
            "that account.",
            code="gated_model",
        )
    if kinds & {"RepositoryNotFoundError", "RevisionNotFoundError", "EntryNotFoundError"} and not (
        kinds & {"LocalEntryNotFoundError"}
    ):
        return StudioError(
            f"The hub has no such model or revision: {model}.",
            field="base_model",
            remedy="Check the id; a private model needs a hub token that may read it.",
            code="model_not_on_hub",
        )
    unreachable = {"LocalEntryNotFoundError", "OfflineModeIsEnabled", "ConnectError", "ProxyError"}
    if kinds & (unreachable | {"ConnectionError", "ConnectTimeout", "ReadTimeout"}):
        return StudioError(
            f"The Hugging Face hub cannot be reached, and {model} is not in the local cache.",
            field="base_model",
            remedy="Check the network (and HF_HUB_OFFLINE), or import the model from a folder.",
            code="hub_unreachable",
        )
    return None


def _model_files(error: BaseException, spec: TrainSpec | None) -> Explanation:
    text = str(error)
    if type(error).__name__ == "SafetensorError":
        return StudioError(
            f"A weights file of the base model is broken: {text}",
            field="base_model",
            remedy="Copy or download the model again; the file may be incomplete.",
            code="model_broken",
        )
    if "trust_remote_code" in text:
        return StudioError(
            "This model needs code from its repository, which is never run here.",
            field="base_model",
            remedy="Choose a model whose architecture transformers has built in.",
            code="remote_code",
        )
    if "does not recognize this architecture" in text or "Unrecognized model in" in text:
        return StudioError(
            "The installed transformers does not know this model's architecture.",
            field="base_model",
            remedy="Update transformers in the training environment, or choose another model.",
            code="unknown_architecture",
        )
    if "Unrecognized configuration class" in text:
        return StudioError(
            "The base model does not write text (it is no causal language model).",
            field="base_model",
            remedy="Choose a model for text generation.",
            code="not_causal",
        )
    return None


def _tokenizer(error: BaseException, spec: TrainSpec | None) -> Explanation:
    text = str(error)
    signs = (
        "Can't load tokenizer",
        "Couldn't instantiate the backend tokenizer",
        "Unable to load vocabulary",
    )
    if not any(sign in text for sign in signs):
        return None
    return StudioError(
        "The base model's tokenizer cannot be loaded.",
        field="base_model",
        remedy="Copy tokenizer.json (or tokenizer.model) and tokenizer_config.json of the original "
        "model into its folder.",
        code="tokenizer_missing",
    )


def _adapter(error: BaseException, spec: TrainSpec | None) -> Explanation:
    text = str(error)
    if "not found in the base model" in text or "is not supported. Currently, only" in text:
        return StudioError(
            f"LoRA cannot be put on the chosen modules: {' '.join(text.split())[:300]}",
            field="lora.target_modules",
            remedy="Use 'all-linear'.",
            code="unknown_target_modules",
        )
    return None


def _packages(error: BaseException, spec: TrainSpec | None) -> Explanation:
    if not isinstance(error, ImportError):
        return None
    missing = getattr(error, "name", None) or str(error)
    return StudioError(
        f"The training environment lacks a package, or has one that does not fit: {missing}.",
        remedy="pip install 'ftstudio-ext[train]' in the environment that runs jobs.",
        code="missing_package",
    )


_KNOWN: tuple[Callable[[BaseException, TrainSpec | None], Explanation], ...] = (
    _out_of_memory,
    _hub,
    _model_files,
    _tokenizer,
    _adapter,
    _packages,
)
