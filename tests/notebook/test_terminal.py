"""The command `ftstudio` against a real server, and without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ftstudio_ext.cli.main import DONE, FAILED, MISUNDERSTOOD, main
from ftstudio_ext.jobs.launchers import LocalLauncher
from ftstudio_ext.jobs.service import JobService
from tests.tiny_model import make_tiny_model

from .conftest import SHORT, write_colours

SPEC = """
base_model: models/tiny
dataset: data/colours.jsonl
prompt:
  prompt_template: "Q: {question}\\nA:"
  completion_template: " {answer}"
max_length: 64
max_steps: 4
effective_batch_size: 4
lora: {r: 4}
evaluation: {strategy: "off"}
"""


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with data and a model, on a machine where no server runs."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    for name in ("JUPYTER_SERVER_URL", "JPY_PARENT_PID", "JUPYTERHUB_SERVICE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    write_colours(tmp_path / "data" / "colours.jsonl")
    make_tiny_model(tmp_path / "models" / "tiny")
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = DONE) -> str:
    """What a command prints, after its exit code was as expected."""
    capsys.readouterr()
    assert main(words) == code
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    return shown.out if code == DONE else shown.err


def test_lists_are_tables_for_people_and_json_for_programs(studio, capsys):
    text = answer(capsys, "datasets")
    assert text.splitlines()[0].startswith("Name") and "colours" in text and "<" not in text
    (dataset,) = json.loads(answer(capsys, "datasets", "colour", "--json"))
    assert (dataset["name"], dataset["rows"]) == ("colours", 30)
    assert json.loads(answer(capsys, "status", "--json"))["workspace"].endswith("ftstudio")


def test_a_run_waits_is_stopped_and_shown(studio, capsys):
    studio.train(
        name="by-hand", base_model="tiny", dataset="colours", prompt="say it", hold=True, **SHORT
    )
    assert json.loads(answer(capsys, "jobs", "by-hand", "--json"))[0]["state"] == "held"
    assert "stopped" in answer(capsys, "stop", "by-hand", "--now")
    studio.jobs["by-hand"].delete()


def test_mistakes_name_the_remedy_and_have_their_exit_codes(server, capsys):
    assert "invalid choice" in answer(capsys, "dance", code=MISUNDERSTOOD)
    assert "no such run" in answer(capsys, "watch", "no such run", code=FAILED)
    told = json.loads(answer(capsys, "watch", "no such run", "--json", code=FAILED))
    assert told["error"]["code"] == "not_found"


def test_help_is_no_failure(capsys):
    assert "run" in answer(capsys) and "--workspace" in answer(capsys, "run", "--help")


def test_without_a_server_commands_say_what_to_start(alone, capsys):
    assert "No running Jupyter server" in answer(capsys, "status", code=FAILED)


@pytest.mark.train
def test_a_file_is_trained_without_any_server(alone, capsys):
    job = json.loads(answer(capsys, "run", "spec.yaml", "--json"))
    assert (job["state"], job["dataset"], job["base_model"]) == ("succeeded", "colours", "tiny")
    assert (alone / "ftstudio" / "adapters" / job["name"] / "adapter_config.json").is_file()
    again = json.loads(answer(capsys, "run", "spec.yaml", "--json", "--detach"))
    assert again["resolved"]["dataset"]["id"] == job["resolved"]["dataset"]["id"]
    assert again["resolved"]["prompt"]["id"] == job["resolved"]["prompt"]["id"]
    assert again["name"] != job["name"]
    JobService(alone / "ftstudio", LocalLauncher()).stop(again["id"], save=False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("base_model: models/tiny\n", ""), "“base_model” is missing"),
        (("data/colours.jsonl", "data/none.jsonl"), "neither a name in the workspace nor a path"),
        (("{answer}", "{anwser}"), "Did you mean"),
        (("max_steps: 4", "max_stepz: 4"), "max_steps"),
        ((SPEC, "just words"), "holds no fields"),
        ((SPEC, "a: [1"), "is not YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_field(alone, capsys, change, told):
    (alone / "spec.yaml").write_text(SPEC.replace(*change))
    assert told in answer(capsys, "run", "spec.yaml", code=FAILED)
    assert not list((alone / "ftstudio" / "jobs").glob("job-*"))


def test_the_doctor_finds_what_is_missing_and_names_the_remedy(alone, capsys, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    found = {item["subject"]: item for item in json.loads(answer(capsys, "doctor", "--json"))}
    assert found["Training stack"]["level"] == "ok"
    assert found["4-bit quantization"]["level"] == "ok"
    assert found["Hub"]["level"] == "warning" and "HF_HUB_OFFLINE" in found["Hub"]["message"]
    assert found["Server"]["level"] == "warning" and found["Server"]["remedy"]
