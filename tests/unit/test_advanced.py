"""Advanced JSON: everything is reachable but what the studio owns, and each refusal helps."""

import pytest

from ftstudio_ext.core import advanced
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.training import TrainSpec

BASICS = {"name": "a", "base_model": "m", "dataset": "d", "prompt": "p"}


@pytest.mark.parametrize(
    ("section", "name", "said", "remedy"),
    [
        ("lora", "r", "is a field of the form", "'lora.r'"),
        ("optimizer", "learning_rate", "is a field of the form", "'learning_rate'"),
        ("optimizer", "output_dir", "decides where", "Remove 'output_dir'"),
        ("optimizer", "push_to_hub", "never push", "Remove"),
        ("optimizer", "trust_remote_code", "never run", "Remove"),
        ("quantization", "load_in_8bit", "the method decides", "Remove"),
    ],
)
def test_owned_fields_are_refused_with_the_reason(section, name, said, remedy):
    spec = TrainSpec.model_validate({**BASICS, section: {"advanced": {name: 1}}})
    with pytest.raises(InvalidInput) as caught:
        advanced.check_spec(spec)
    assert said in caught.value.message
    assert remedy in (caught.value.remedy or "")
    assert caught.value.field == f"{section}.advanced.{name}"


def test_other_fields_pass():
    advanced.check_spec(
        TrainSpec.model_validate(
            {
                **BASICS,
                "lora": {"advanced": {"use_dora": True}},
                "optimizer": {"advanced": {"adam_beta2": 0.95}},
            }
        )
    )


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("max_seq_length", "called 'max_length' now; set 'max_length' in the form"),
        ("evaluation_strategy", "set 'evaluation.strategy' in the form"),
        ("warmup_ratio", "warmup_steps"),
        ("adam_beta3", "Did you mean 'adam_beta2'?"),
    ],
)
def test_unknown_fields_name_the_new_or_the_nearest_one(name, remedy):
    with pytest.raises(InvalidInput) as caught:
        advanced.check_known(advanced.SFT, {name: 1}, ["adam_beta2", "max_length", "warmup_steps"])
    assert remedy in (caught.value.remedy or "")
