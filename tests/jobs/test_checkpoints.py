"""A checkpoint is resumed from only when it is, byte for byte, what was sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio_ext.jobs.checkpoints import (
    SEAL,
    newest_good,
    newest_sealed_step,
    problem,
    seal,
    step_of,
    verify,
)


def checkpoint(home: Path, step: int) -> Path:
    folder = home / f"checkpoint-{step}"
    (folder / "global").mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(bytes(1000))
    (folder / "optimizer.pt").write_bytes(b"moments" * step)
    (folder / "global" / "rng.pth").write_bytes(b"seed")
    return folder


def test_a_seal_holds_until_any_byte_changes(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 10)
    assert not verify(folder) and "no seal" in (problem(folder) or "")
    seal(folder)
    assert verify(folder) and problem(folder) is None


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("optimizer.pt", None, "lacks optimizer.pt"),
        ("optimizer.pt", b"short", "bytes, not"),
        ("adapter_model.safetensors", bytes(999) + b"1", "has changed"),
        ("global/rng.pth", b"SEED", "has changed"),
    ],
)
def test_damage_is_found_and_named(
    tmp_path: Path, file: str, change: bytes | None, words: str
) -> None:
    folder = checkpoint(tmp_path, 10)
    seal(folder)
    if change is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(change)
    assert not verify(folder) and words in (problem(folder) or "")


def test_the_newest_whole_checkpoint_is_taken(tmp_path: Path) -> None:
    for step in (5, 90, 100, 110):
        checkpoint(tmp_path, step)
    for step in (5, 90, 100):  # 110 was cut off before its seal
        seal(tmp_path / f"checkpoint-{step}")
    assert newest_good(tmp_path) == tmp_path / "checkpoint-100"
    assert newest_sealed_step(tmp_path) == 100
    (tmp_path / "checkpoint-100" / "adapter_model.safetensors").write_bytes(bytes(999) + b"1")
    assert newest_good(tmp_path) == tmp_path / "checkpoint-90"
    (tmp_path / "checkpoint-90" / SEAL).write_text("{")
    assert newest_good(tmp_path) == tmp_path / "checkpoint-5"
    assert newest_good(tmp_path / "nowhere") is None


def test_step_is_read_from_the_name() -> None:
    assert step_of("a/checkpoint-1200") == 1200 and step_of("checkpoint-x") is None
