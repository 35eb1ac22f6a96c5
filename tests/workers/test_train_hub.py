"""Training on a base model of the hub: downloaded once, at its pinned commit, then from the cache."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tiny_model import make_tiny_model

from .stand_in_hub import COMMIT, Hub, Repo, serving
from .training_job import TrainingJob

pytestmark = pytest.mark.train

REPO = "org/tiny"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A tiny model as the hub has it, with a file that training must not fetch."""
    folder = make_tiny_model(tmp_path / "tiny")
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return Repo({**files, "pytorch_model.bin": b"a pickle"})


def job_on_hub(tmp_path: Path, name: str, url: str) -> TrainingJob:
    return TrainingJob(
        tmp_path / name,
        tmp_path,
        hub=(REPO, COMMIT),
        env={"HF_ENDPOINT": url, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "0"},
        max_length=64,
        max_steps=2,
        evaluation={"strategy": "off"},
    )


def test_a_hub_model_is_downloaded_once_and_found_again_offline(tmp_path: Path, repo: Repo) -> None:
    with serving(Hub(models={REPO: repo})) as hub:
        first = job_on_hub(tmp_path, "first", hub.url)
        assert first.finish() == 0, first.log()
        assert first.events("phase")[0].phase == "downloading"
        assert not any("pytorch_model.bin" in line for line in hub.asked if "resolve" in line)
    config = json.loads((first.adapter_dir / "adapter_config.json").read_text())
    assert (config["base_model_name_or_path"], config["revision"]) == (REPO, COMMIT)

    second = job_on_hub(tmp_path, "second", hub.url)  # nobody listens there any more
    assert second.finish() == 0, second.log()
    assert second.losses() == first.losses()


def test_a_gated_model_is_explained(tmp_path: Path, repo: Repo) -> None:
    repo.gated = True
    with serving(Hub(models={REPO: repo})) as hub:
        job = job_on_hub(tmp_path, "gated", hub.url)
        assert job.finish() not in (0, 10)
    error = json.loads((job.run.path / "attempts" / "1.error.json").read_text())
    assert error["code"] == "gated_model" and "restricted" in error["message"] and error["remedy"]
