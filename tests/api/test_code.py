"""Forms and jobs as code: short, readable, and what it says when it cannot be."""

from __future__ import annotations

import ast
import io

import nbformat
import yaml

from ftstudio_ext.notebook.arguments import evaluation_from, parse

from .test_evaluations import request as evaluation
from .test_jobs import SPEC, request

FORMATS = ["magic", "client", "yaml", "script", "notebook"]
DRAFT = {**SPEC, "lora": {"r": 8}, "evaluation": {}}


async def test_every_format_of_a_form(api, colours, prompt, model):
    found = {
        format: await api.post("training/code", {"spec": DRAFT, "format": format})
        for format in FORMATS
    }
    assert all(code["formats"] == FORMATS for code in found.values())
    fields = {
        "name": "run",
        "base_model": "tiny",
        "dataset": "colours",
        "prompt": "say it",
        "max_length": 64,
        "max_steps": 3,
        "lora": {"r": 8},
    }
    head, _, cell = found["magic"]["text"].partition("\n")
    assert (head, yaml.safe_load(cell)) == ("%%ftstudio train", fields)
    assert yaml.safe_load(found["yaml"]["text"]) == fields
    assert found["yaml"]["filename"] == "run.yaml"
    call = ast.parse(found["client"]["text"]).body[2].value
    assert {word.arg: ast.literal_eval(word.value) for word in call.keywords} == fields
    compile(found["script"]["text"], "run.py", "exec")
    assert "ftstudio_ext" not in found["script"]["text"]
    notebook = nbformat.read(io.StringIO(found["notebook"]["text"]), as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) == 7
    compile("\n".join(code), "run.ipynb", "exec")


async def test_a_waiting_job_has_code_with_names_for_ids(api, colours, prompt, model):
    ids = {"dataset": colours["id"], "prompt": prompt["id"], "base_model": model["id"]}
    job = await api.post("jobs", request(**ids))
    code = await api.get(f"jobs/{job['id']}/code")
    fields = yaml.safe_load(code["text"].partition("\n")[2])
    assert (fields["dataset"], fields["prompt"], fields["base_model"]) == (
        "colours",
        "say it",
        "tiny",
    )
    assert fields["name"] == "run-2", "the run's own name is taken"
    assert fields["resources"] == {"device": "cpu"}
    assert fields["evaluation"] == {"strategy": "off", "samples": 0}
    assert code["notes"] == []
    script = await api.get("jobs/run/code", format="script")
    assert 'os.environ["CUDA_VISIBLE_DEVICES"] = ""' in script["text"]
    assert "validation" not in script["text"].partition("# --- training")[2]


async def test_a_prompt_that_was_changed_comes_along(api, colours, prompt, model):
    await api.post("jobs", request())
    await api.ok("PATCH", f"prompts/{prompt['id']}", {"prompt_template": "Now {question}"})
    assert "was changed" in (await api.get("jobs/run/code"))["notes"][0]
    fields = yaml.safe_load((await api.get("jobs/run/code", format="yaml"))["text"])
    assert fields["prompt"] == {
        "prompt_template": "Q: {question}\nA:",
        "completion_template": " {answer}",
    }


async def test_what_has_no_code_says_so(api, colours, prompt, model):
    missing = {**SPEC, "prompt": "none such"}
    answer = await api.refused("POST", "training/code", {"spec": missing})
    assert answer.error["field"] == "prompt"
    answer = await api.refused("POST", "training/code", {"spec": {}})
    assert answer.error["field"] == "spec.name"
    await api.post("jobs", request())
    answer = await api.refused("GET", "jobs/run/code", format="fortran")
    assert answer.status == 422


async def test_an_evaluation_as_code_leads_back_to_itself(api, colours, prompt, model):
    asked = {"base_shots": [0, 4], "rows": 7, "dataset": colours["id"], "precision": "16-bit"}
    sql = {"schema_column": "question"}
    await api.post("jobs", evaluation(**asked, sql=sql))
    code = await api.get("jobs/judge/code")
    given = evaluation_from(parse(code["text"].removeprefix("%ftstudio ")))
    assert given == {
        "name": "judge-2",
        "base_model": "tiny",
        "dataset": "colours",
        "prompt": "say it",
        "rows": 7,
        "base_shots": [0, 4],
        "precision": "16-bit",
        "sql": sql,
    }
    client = await api.get("jobs/judge/code", format="client")
    call = ast.parse(client["text"]).body[2].value
    assert {word.arg: ast.literal_eval(word.value) for word in call.keywords} == given
    answer = await api.refused("GET", "jobs/judge/code", format="script")
    assert (answer.error["field"], code["formats"]) == ("format", ["magic", "client"])
