"""What launched processes find in their environment, and what they never find there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio_ext.jobs import environment


def test_secrets_are_passed_on_but_never_recorded(tmp_path: Path) -> None:
    environ = {
        "PATH": "/bin",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_TOKEN_PATH": "/home/me/token",
        "HF_TOKEN": "hf_s3cret",
        "GITHUB_TOKEN": "s3cret",
        "DB_PASSWORD": "s3cret",
        "https_proxy": "http://me:s3cret@proxy:3128",
        "DATABASE": "postgres://me:s3cret@host/db",
        "JUPYTERHUB_USER": "me",
        "PYTHONPATH": "/elsewhere",
    }
    base = environment.record_base(tmp_path, environ)
    assert set(base) == {"PATH", "TOKENIZERS_PARALLELISM", "HF_TOKEN_PATH"}
    assert environment.load_base(tmp_path) == base
    assert "s3cret" not in (tmp_path / ".run/environment.json").read_text()
    assert set(environment.secrets(environ)) == {"HF_TOKEN", "https_proxy"}


def test_without_a_record_there_is_the_bare_minimum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_RUNNER", "1")
    assert set(environment.load_base(tmp_path)) == {"PATH", "HOME", "LANG"}


@pytest.mark.parametrize(
    ("device", "slot", "allowed", "visible"),
    [
        ("cpu", "heavy", "0,1", ""),
        ("auto", "light", "0,1", ""),
        ("auto", "heavy", "GPU-b,GPU-a", "GPU-b"),
        ("auto", "heavy", "", ""),
        ("GPU-a", "heavy", None, "GPU-a"),
    ],
)
def test_a_job_sees_one_gpu_at_most(
    device: str, slot: str, allowed: str | None, visible: str
) -> None:
    base = {} if allowed is None else {"CUDA_VISIBLE_DEVICES": allowed}
    spec = {"slot": slot, "resources": {"device": device}}
    found = environment.device_variables(spec, base)
    assert found == {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": visible}
