"""The process around a run: variables, device and threads, set before torch is imported."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

REPORTED_PACKAGES = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "bitsandbytes",
    "accelerate",
    "datasets",
    "mlflow",
)

_QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    # waiting threads sleep: they share the machine with Jupyter, kernels and browsers, and spinning
    # ones make each small operation of a decoding step wait for whoever they push aside
    "OMP_WAIT_POLICY": "PASSIVE",
}


def prepare(device: str) -> None:
    """Set what libraries read at import. `device` is `auto`, `cpu` or a GPU's UUID or index.

    At most one GPU is made visible: with several, TRL would find itself in DataParallel, which
    it refuses.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    os.environ["CUDA_VISIBLE_DEVICES"] = _visible(device, os.environ.get("CUDA_VISIBLE_DEVICES"))
    threads = free_cores()
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if not wanted.isdigit() or not 0 < int(wanted) <= threads:
        os.environ["OMP_NUM_THREADS"] = str(threads)


def free_cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def set_threads() -> None:
    """Give torch as many threads as `prepare` has found."""
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def device_type() -> str:
    """`cuda` or `cpu`, as torch sees it."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def device_name() -> str:
    """The device in words, for the attempt's record."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name(0)
    return f"CPU, {torch.get_num_threads()} threads"


def package_versions() -> dict[str, str]:
    """Versions of the packages that a result depends on."""
    found = {}
    for name in REPORTED_PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def free_memory() -> None:
    """Give back what models that are no longer used have held."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def memory_bytes() -> dict[str, float]:
    """Memory in use: of the GPU (allocated and reserved), or resident memory of this process."""
    import torch

    if torch.cuda.is_available():
        return {
            "memory_bytes": float(torch.cuda.memory_allocated()),
            "memory_reserved_bytes": float(torch.cuda.memory_reserved()),
        }
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return {}
    return {"memory_bytes": float(pages * os.sysconf("SC_PAGE_SIZE"))}


def _visible(device: str, inherited: str | None) -> str:
    if device == "cpu":
        return ""
    if device != "auto":
        return device
    return "0" if inherited is None else inherited.split(",")[0].strip()
