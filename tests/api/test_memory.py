"""`training/memory`: estimates for a form that is still being filled in."""

from __future__ import annotations

import shutil

import pytest

pytestmark = pytest.mark.train


@pytest.fixture
async def model(api, tiny_model):
    shutil.copytree(tiny_model, api.root / "models" / "tiny")
    source = {"source": "directory", "path": "models/tiny"}
    return await api.post("models", {"name": "tiny", "source": source})


async def test_an_estimate_follows_the_form(api, model):
    small = await api.post("training/memory", {"spec": {"base_model": "tiny", "max_length": 64}})
    assert small["length"] == 64 and small["trainable_parameters"] > 0
    (cpu,) = [found for found in small["estimates"] if found["kind"] == "cpu"]
    assert cpu["verdict"] == "fits" and cpu["fixes"] == [] and not cpu["calibrated"]
    assert cpu["total_bytes"] == sum(part["bytes"] for part in cpu["parts"])
    large = await api.post(
        "training/memory",
        {
            "spec": {
                "base_model": "tiny",
                "max_length": 512,
                "effective_batch_size": 65536,
                "per_device_batch_size": 65536,
            }
        },
    )
    (cpu,) = [found for found in large["estimates"] if found["kind"] == "cpu"]
    assert cpu["verdict"] == "too_large"
    assert cpu["fixes"][0]["verdict"] == "fits"
    assert cpu["fixes"][0]["changes"]["per_device_batch_size"] < 65536


async def test_what_is_wrong_names_its_field(api, model):
    answer = await api.refused("POST", "training/memory", {"spec": {"base_model": "nobody"}})
    assert answer.error["field"] == "spec.base_model"
    answer = await api.refused(
        "POST", "training/memory", {"spec": {"base_model": "tiny", "max_length": 1}}
    )
    assert answer.error["field"] == "spec.max_length"
    answer = await api.refused("POST", "training/memory", {"spec": {}})
    assert answer.error["field"] == "spec.base_model"
