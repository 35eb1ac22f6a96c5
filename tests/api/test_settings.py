"""Settings: each is documented with its default, and does what it says."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from ftstudio_ext.app import FineTuningStudio

from .test_jobs import request

DOCS = Path(__file__).parents[2] / "docs" / "operators.md"


def test_every_setting_is_documented_with_its_default():
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", DOCS.read_text(), flags=re.MULTILINE)
    documented = {name: default.strip("`") for name, default in rows}
    traits = {
        name: trait
        for name, trait in FineTuningStudio.class_own_traits(config=True).items()
        if trait.this_class is FineTuningStudio
    }
    assert set(documented) == set(traits)
    for name, trait in traits.items():
        assert len(trait.help) > 20, name
        default = trait.default_value
        if isinstance(default, type):  # a Type trait, resolved by the first server of this process
            default = f"{default.__module__}.{default.__name__}"
        shown = {"allowed_dirs": "[]", "job_environment": "{}", "launcher_options": "{}"}.get(
            name, "(empty)" if default == "" else str(default)
        )
        assert documented[name] == shown, name


class TestChangedSettings:
    @pytest.fixture
    def jp_server_config(self, jp_server_config, tmp_path):
        jp_server_config.FineTuningStudio.workspace_dir = str(tmp_path / "elsewhere" / "studio")
        jp_server_config.FineTuningStudio.tracking_uri = "http://tracking.example:5000"
        jp_server_config.FineTuningStudio.max_import_bytes = 10
        return jp_server_config

    async def test_workspace_and_tracking_are_where_the_operator_says(self, api, tmp_path):
        status = await api.get("status")
        assert status["workspace"] == str(tmp_path / "elsewhere" / "studio")
        assert status["tracking_uri"] == "http://tracking.example:5000"

    async def test_files_over_the_limit_are_refused(self, api):
        (api.root / "big.jsonl").write_text('{"a": 1}\n' * 10)
        body = {"source": {"source": "file", "path": "big.jsonl"}}
        answer = await api.refused("POST", "datasets", body)
        assert "max_import_bytes" in answer.error["remedy"]


class TestAWorkspaceThatCannotBeMade:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config.FineTuningStudio.workspace_dir = "/proc/nowhere"
        return jp_server_config

    async def test_it_is_said_with_the_setting_that_mends_it(self, api):
        answer = await api.refused("GET", "status")
        assert answer.status == 503 and "workspace_dir" in answer.error["remedy"]


async def test_status_tells_what_jobs_run_with(api):
    status = await api.get("status")
    assert status["interpreter"]["python"] == sys.executable and status["interpreter"]["ok"]
    assert status["devices"] and status["survival"]["summary"]
    assert status["workspace_path"] == "ftstudio" and not status["read_only"]


class TestATrackingAddressWithAPassword:
    @pytest.fixture
    def jp_server_config(self, jp_server_config, monkeypatch):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:hunter2@tracking.example")
        return jp_server_config

    async def test_it_is_neither_shown_nor_written_to_disk(self, api, colours, prompt, model):
        assert "hunter2" not in str(await api.get("status"))
        job = await api.post("jobs", request())
        assert job["resolved"]["tracking"]["tracking_uri"] == "https://me:***@tracking.example"
        for path in (api.root / "ftstudio").rglob("*"):
            if path.is_file() and path.suffix in (".json", ".txt", ".jsonl"):
                assert "hunter2" not in path.read_text(errors="replace"), path


class TestATokenAmongTheSettings:
    @pytest.fixture
    def jp_server_config(self, jp_server_config, monkeypatch):
        monkeypatch.setenv("HF_TOKEN", "of the server")
        jp_server_config.FineTuningStudio.job_environment = {"HF_TOKEN": "hf_s3cret", "A": "1"}
        return jp_server_config

    async def test_reaches_jobs_in_memory_only(self, api):
        assert (await api.get("status"))["hub_token"] == "present"
        studio = await api.serverapp.web_app.settings["ftstudio"].studio()
        assert studio.settings.worker_env == {"A": "1"}
        assert os.environ["HF_TOKEN"] == "hf_s3cret"
        written = [path for path in studio.settings.workspace.rglob("*") if path.is_file()]
        assert written and not any(b"s3cret" in path.read_bytes() for path in written)


class TestWrongLauncherOptions:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config.FineTuningStudio.launcher_options = {"partition": "gpu"}
        return jp_server_config

    async def test_are_told_in_words(self, api):
        refused = await api.refused("GET", "status")
        assert refused.error["code"] == "wrong_launcher_options"
        assert "partition" in refused.error["message"]
