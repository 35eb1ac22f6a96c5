"""What a run says about itself: failures in words, and warnings when the numbers look wrong."""

from __future__ import annotations

import errno
import math
from pathlib import Path

import pytest

from ftstudio_ext.schema.training import TrainSpec
from ftstudio_ext.workers import failures

pytestmark = pytest.mark.train

SPEC = TrainSpec.model_validate(
    {"name": "a", "base_model": "org/model", "dataset": "d", "prompt": "p"}
)


class OutOfMemoryError(RuntimeError):
    """As torch names its own."""


class GatedRepoError(Exception):
    """As huggingface_hub names its own."""


class LocalEntryNotFoundError(FileNotFoundError):
    """As huggingface_hub names its own."""


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OutOfMemoryError("CUDA out of memory. Tried 2 GiB"), "out_of_memory", "GPU's memory"),
        (MemoryError(), "out_of_memory", "machine's memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate"), "out_of_memory", "machine's"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full", "full"),
        (GatedRepoError("403"), "gated_model", "restricted"),
        (LocalEntryNotFoundError("offline"), "hub_unreachable", "cannot be reached"),
        (ModuleNotFoundError("No module named 'trl'", name="trl"), "missing_package", "trl"),
        (ValueError("please pass `trust_remote_code=True`"), "remote_code", "never run"),
        (OSError("Can't load tokenizer for 'x'"), "tokenizer_missing", "tokenizer"),
        (KeyError("surprise"), "worker_error", "KeyError"),
    ],
)
def test_known_failures_get_words_and_a_remedy(error, code, said):
    explained = failures.explain(error, Path("/"), SPEC)
    assert explained.code == code
    assert said in explained.message
    assert explained.remedy


def test_remedies_for_memory_fit_the_settings():
    tight = SPEC.model_copy(update={"per_device_batch_size": 1, "gradient_checkpointing": True})
    remedy = failures.explain(MemoryError(), Path("/"), tight).remedy or ""
    assert "batch size" not in remedy and "checkpointing" not in remedy
    assert "max sequence length (now 1024)" in remedy


class Said:
    """A reporter that remembers its warnings."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def warning(self, code, message, remedy, step=None):
        assert message and remedy
        self.codes.append(code)


def test_a_loss_that_is_no_number_ends_the_run():
    from ftstudio_ext.workers.metrics import Diverged, Health

    with pytest.raises(Diverged, match="diverged") as caught:
        Health(Said()).check(7, {"loss": math.nan}, 2e-4)
    assert "Lower the learning rate (now 0.0002)" in (caught.value.remedy or "")


def test_an_exploding_gradient_and_a_loss_stuck_at_zero_are_said():
    from ftstudio_ext.workers.metrics import Health

    said = Said()
    health = Health(said)
    for step in range(20):
        health.check(step, {"loss": 1.0, "grad_norm": 1.0 + step / 20}, 2e-4)
    assert said.codes == []
    health.check(20, {"loss": 1.0, "grad_norm": 900.0}, 2e-4)
    assert said.codes == ["exploding_gradient"]
    for step in range(21, 27):
        health.check(step, {"loss": 0.0, "grad_norm": 0.0}, 2e-4)
    assert said.codes == ["exploding_gradient", "loss_zero"]
