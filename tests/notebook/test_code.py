"""Code of a run, fetched by the client: it leads back to the same run."""

from __future__ import annotations

import pytest
import yaml

from ftstudio_ext.cli.main import DONE, main
from ftstudio_ext.notebook.errors import StudioApiError
from ftstudio_ext.schema.training import TrainSpec

from .conftest import SHORT

ASKED = {"base_model": "tiny", "dataset": "colours", "prompt": "say it", **SHORT, "seed": 7}


@pytest.fixture
def waiting(studio):
    """A run that waits until it is released."""
    job = studio.train(name="to-be-shown", hold=True, **ASKED)
    yield job
    job.stop(save=False)
    job.delete()


def settings(spec: dict) -> TrainSpec:
    return TrainSpec.model_validate(spec | {"name": "same"})


def test_every_form_of_code_leads_back_to_the_same_run(studio, waiting):
    fields = yaml.safe_load(waiting.code("yaml"))
    assert fields["name"] == "to-be-shown-2"
    assert settings(fields) == settings(waiting.spec)
    assert yaml.safe_load(waiting.code("magic").partition("\n")[2]) == fields
    call = waiting.code().partition("job = ")[2].partition("job.wait()")[0]
    again = eval(call.replace(f'name="{fields["name"]}",', 'name="again", hold=True,'))  # noqa: S307
    assert settings(again.spec) == settings(waiting.spec)
    again.stop(save=False)
    again.delete()


def test_a_form_is_code_before_anything_runs(studio):
    code = studio.code("client", name="soon", **ASKED)
    assert "seed=7" in code and 'lora={"r": 4}' in code and "learning_rate" not in code
    with pytest.raises(StudioApiError, match="no dataset"):
        studio.code(name="soon", **ASKED | {"dataset": "none such"})


def test_code_is_saved_under_its_own_name_and_never_over_another_file(waiting, tmp_path):
    path = waiting.code("script").save(tmp_path)
    assert path.name == "to-be-shown.py"
    compile(path.read_text(), path.name, "exec")
    with pytest.raises(StudioApiError, match="already"):
        waiting.code("script").save(tmp_path)


def test_the_command_line_prints_it(waiting, capsys):
    assert main(["code", "to-be-shown", "--format", "yaml"]) == DONE
    printed = capsys.readouterr().out
    assert yaml.safe_load(printed)["seed"] == 7
    assert "ftstudio run to-be-shown.yaml --workspace" in printed
