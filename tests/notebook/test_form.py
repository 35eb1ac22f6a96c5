"""The train form in a notebook: made from the sidebar's schema, checked by the server."""

from __future__ import annotations

import time

import pytest

from ftstudio_ext.notebook.errors import StudioApiError
from ftstudio_ext.notebook.fields import fields_of
from ftstudio_ext.schema.common import FormSchema
from ftstudio_ext.schema.training import TrainSpec


def settled(condition, timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def form(studio):
    form = studio.train_form()
    yield form
    form.close()


def filled(form, **values) -> None:
    """Choose as a person does: by the words on the screen."""
    for path, label in {"base_model": "tiny", "dataset": "colours", "prompt": "say it"}.items():
        form.controls[path].widget.label = label
    for path, value in values.items():
        form.controls[path.replace("__", ".")].widget.value = value


def test_every_field_of_the_specification_is_there_once():
    fields = fields_of(TrainSpec.model_json_schema(schema_generator=FormSchema))
    paths = [field.path for field in fields]
    assert len(set(paths)) == len(paths)
    assert {path.split(".")[0] for path in paths} == set(TrainSpec.model_fields)
    assert {"lora.r", "optimizer.advanced", "evaluation.strategy"} <= set(paths)
    assert [field.path for field in fields][:4] == ["name", "base_model", "dataset", "prompt"]
    assert all(field.title != field.path for field in fields if not field.path.startswith("data."))


def test_untouched_values_are_the_specifications_defaults(form, studio):
    filled(form)
    spec = form.spec()
    names = {key: spec[key] for key in ("name", "base_model", "dataset", "prompt")}
    assert TrainSpec.model_validate(spec) == TrainSpec(**names)
    assert names["dataset"] == studio.datasets["colours"].id
    assert names["name"].startswith("colours-tiny")


def test_values_become_the_specification(form):
    filled(
        form,
        name="mine",
        method="lora",
        max_steps=" 12 ",
        lora__r=4,
        lora__target_modules="q_proj, v_proj",
        optimizer__advanced='{"adam_beta2": 0.95}',
        optimizer__scheduler="linear",
    )
    spec = TrainSpec.model_validate(form.spec())
    assert (spec.name, spec.method, spec.max_steps, spec.lora.r) == ("mine", "lora", 12, 4)
    assert spec.lora.target_modules == ["q_proj", "v_proj"]
    assert spec.optimizer.advanced == {"adam_beta2": 0.95}
    titles = [form.accordion.get_title(i) for i in range(len(form.accordion.children))]
    assert "Optimizer (2 changed)" in titles and "LoRA (1 changed)" in titles


def test_what_is_missing_is_said(form):
    settled(lambda: "base model" in form.why.value)
    assert form.missing() == ["Name", "Base model", "Dataset", "Prompt"]
    assert form.start_button.disabled


def test_a_plan_is_shown_and_opens_the_start_button(form):
    filled(form, max_length=64)
    settled(lambda: not form.start_button.disabled)
    assert "25 training" in form.summary.value and "Ready to train" in form.summary.value
    form.controls["lora.r"].widget.value = 0
    assert form.start_button.disabled, "until the server has looked at it again"
    settled(lambda: "Cannot start" in form.why.value)
    assert "lora.r" in form.why.value and form.start_button.disabled
    form.controls["lora.r"].widget.value = 8
    form.controls["optimizer.advanced"].widget.value = "{nonsense"
    settled(lambda: "not a JSON object" in form.why.value)


def test_choosing_a_dataset_offers_its_prompts(form):
    form.controls["dataset"].widget.label = "colours"
    assert form.controls["prompt"].value is not None


def test_fields_are_filled_in_from_code(studio):
    form = studio.train_form(
        dataset=studio.datasets["colours"], prompt="say it", base_model="tiny", lora={"r": 4}
    )
    assert (form.spec()["lora"]["r"], form.missing()) == (4, [])
    form.close()
    with pytest.raises(StudioApiError, match=r"no field 'lora\.rank'"):
        studio.train_form(lora__rank=4)
    with pytest.raises(StudioApiError, match="no dataset “nothing”"):
        studio.train_form(dataset="nothing")


@pytest.mark.train
def test_a_run_is_started_and_followed_to_its_end(form):
    filled(form, max_length=64, max_steps="4", effective_batch_size=4, evaluation__strategy="off")
    settled(lambda: not form.start_button.disabled)
    form.start_button.click()
    settled(lambda: form.runs.children)
    (view,) = form.runs.children
    settled(lambda: "running" in view.title.value, 60)
    assert not view.stop_button.disabled
    view.join(90)
    assert "succeeded" in view.title.value and view.progress.value == 1
    assert "step 4 of 4" in view.words.value and "<svg" in view.chart.value
    assert view.stop_button.layout.display == "none"
    assert form.job.state == "succeeded"
    assert form.controls["name"].value not in (None, form.job.name), "the next one has a free name"
