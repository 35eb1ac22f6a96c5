"""Jobs over HTTP: submitted once, refused in words, held, renamed, stopped, copied, deleted."""

from __future__ import annotations

import asyncio

import pytest

SPEC = {
    "name": "run",
    "base_model": "tiny",
    "dataset": "colours",
    "prompt": "say it",
    "max_length": 64,
    "max_steps": 3,
    "evaluation": {"strategy": "off", "samples": 0},
}


@pytest.fixture
async def everything(colours, prompt, model):
    """All that a run needs."""


def request(request_id: str = "r1", hold: bool = True, **spec):
    """A training job that waits until it is released, so that nothing is computed."""
    return {
        "type": "train",
        "request_id": request_id,
        "hold": hold,
        "resources": {"device": "cpu"},
        "spec": {**SPEC, **spec},
    }


async def test_the_same_request_makes_one_job(api, everything):
    first, second = await asyncio.gather(api.post("jobs", request()), api.post("jobs", request()))
    assert first["id"] == second["id"] and first["state"] == "held"
    assert (await api.get("jobs"))["total"] == 1


async def test_a_job_keeps_everything_resolved(api, everything):
    job = await api.post("jobs", request())
    resolved = job["resolved"]
    assert resolved["dataset"]["name"] == job["dataset"] == "colours"
    assert resolved["tracking"]["tracking_uri"] == f"sqlite:///{api.root}/ftstudio/mlflow.db"
    assert job["spec"]["lora"]["r"] == 16, "defaults are filled in"
    assert await api.get("jobs/run") == await api.get(f"jobs/{job['id']}")


async def test_the_adapters_name_is_reserved_while_the_run_may_need_it(api, everything):
    job = await api.post("jobs", request())
    answer = await api.refused("POST", "jobs", request("r2"))
    assert (answer.status, answer.error["field"]) == (409, "spec.name")
    assert (await api.refused("POST", "jobs", request("r3", name="RUN"))).status == 409
    assert (await api.get("adapters"))["total"] == 0, "a reserved folder is no adapter"
    await api.post(f"jobs/{job['id']}/stop", {"save": False})
    await api.ok("DELETE", f"jobs/{job['id']}")
    assert (await api.post("jobs", request("r4")))["state"] == "held"


async def test_a_job_is_held_released_and_renamed(api, everything):
    job = await api.post("jobs", request())
    renamed = await api.ok("PATCH", f"jobs/{job['id']}", {"name": "better", "priority": 5})
    assert (renamed["name"], renamed["priority"], renamed["hold"]) == ("better", 5, True)


async def test_a_copy_gets_a_free_name_and_its_changes(api, everything):
    job = await api.post("jobs", request())
    body = {"request_id": "copy", "changes": {"learning_rate": 0.001}, "hold": True}
    copy = await api.post(f"jobs/{job['id']}/duplicate", body)
    assert (copy["name"], copy["spec"]["learning_rate"]) == ("run-2", 0.001)
    assert copy["spec"]["max_steps"] == 3 and copy["id"] != job["id"]
    bad = {"request_id": "bad", "changes": {"learning_rate": 5}}
    answer = await api.refused("POST", f"jobs/{job['id']}/duplicate", bad)
    assert answer.error["field"] == "spec.learning_rate"


async def test_what_an_unfinished_job_uses_stays_whatever_the_cascade(api, everything):
    await api.post("jobs", request())
    for address in ("datasets/colours", "models/tiny"):
        answer = await api.refused("DELETE", address, cascade="true")
        assert (answer.status, answer.error["code"]) == (409, "in_use"), address


async def test_a_waiting_job_is_stopped_and_resumed(api, everything):
    job = await api.post("jobs", request())
    stopped = await api.post(f"jobs/{job['id']}/stop", {})
    assert stopped["state"] == "stopped"
    held = await api.refused("PATCH", f"jobs/{job['id']}", {"hold": True})
    assert held.status == 409


async def test_lists_are_paged_and_filtered(api, everything):
    for number in range(3):
        await api.post("jobs", request(f"r{number}", name=f"run{number}"))
    page = await api.get("jobs", limit=2, offset=1, state="held,queued")
    assert page["total"] == 3 and [job["name"] for job in page["items"]] == ["run1", "run0"]
    assert (await api.get("jobs", q="run2"))["total"] == 1
    assert (await api.get("jobs", type="import"))["total"] == 0
    answer = await api.refused("GET", "jobs", state="done")
    assert answer.error["field"] == "state" and "succeeded" in answer.error["message"]


BAD_SPECS = {
    "spec.base_model": {"base_model": "tyni"},
    "spec.dataset": {"dataset": "colors"},
    "spec.prompt": {"prompt": "nothing"},
    "spec.max_length": {"max_length": 100_000},
    "spec.learning_rate": {"learning_rate": "fast"},
    "spec.lora.r": {"lora": {"r": 0}},
    "spec.data.split": {"data": {"split": "tset"}},
    "spec.output_dir": {"output_dir": "/etc/adapters"},
    "spec.max_seq_length": {"max_seq_length": 512},
    "spec.optimizer.advanced.report_to": {"optimizer": {"advanced": {"report_to": "wandb"}}},
    "spec.optimizer.advanced.output_dir": {"optimizer": {"advanced": {"output_dir": "/tmp"}}},
    "spec.optimizer.advanced.push_to_hub": {"optimizer": {"advanced": {"push_to_hub": True}}},
    "spec.lora.advanced.lora_alpha": {"lora": {"advanced": {"lora_alpha": 3}}},
    "spec.name": {"name": "../../escape"},
    "spec": {"per_device_batch_size": 3},
}


async def test_a_specification_that_cannot_run_is_refused_before_anything_is_made(api, everything):
    for field, change in BAD_SPECS.items():
        answer = await api.refused("POST", "jobs", request(f"bad {field}", **change))
        assert answer.status in (403, 422), field
        assert answer.error["field"] == field, answer.error
        assert answer.error["remedy"], field
    assert (await api.get("jobs"))["total"] == 0
    adapters = api.root / "ftstudio" / "adapters"
    assert not adapters.exists() or [p for p in adapters.iterdir()] == []


async def test_an_interpreter_without_the_stack_is_named_with_the_command(
    api, everything, tmp_path
):
    import subprocess
    import sys

    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    body = request()
    body["resources"]["python"] = str(bare / "bin" / "python")
    answer = await api.refused("POST", "jobs", body)
    assert (answer.status, answer.error["field"]) == (503, "resources.python")
    assert "pip install 'ftstudio-ext[train]'" in answer.error["remedy"]
    assert str(bare) in answer.error["remedy"]


@pytest.mark.train
async def test_a_run_leaves_an_adapter_that_is_listed_at_once(api, everything):
    job = await api.post("jobs", request(hold=False))
    for _ in range(600):
        job = await api.get(f"jobs/{job['id']}")
        if job["state"] in ("succeeded", "failed", "lost", "stopped"):
            break
        await asyncio.sleep(0.2)
    log = (await api.get(f"jobs/{job['id']}/log", tail=20))["text"]
    assert job["state"] == "succeeded", (job["error"], log)
    events = (await api.get(f"jobs/{job['id']}/events"))["events"]
    assert [e["step"] for e in events if e["kind"] == "metric" and "loss" in e["values"]] == [
        1,
        2,
        3,
    ]
    adapter = await api.get("adapters/run")
    assert adapter["job_id"] == job["id"] and adapter["id"] == job["adapter_id"]
    assert (await api.request("DELETE", f"jobs/{job['id']}")).status == 204
    assert (await api.get("adapters/run"))["size_bytes"] > 0, "the adapter stays"


async def test_a_deleted_held_job_frees_its_name_at_once(api, everything):
    job = await api.post("jobs", request())
    await api.ok("DELETE", f"jobs/{job['id']}")
    assert not (api.root / "ftstudio" / "adapters" / "run").exists()
    assert (await api.post("jobs", request("r2")))["state"] == "held"


async def test_what_a_job_is_to_run_on_must_be_there(api, everything):
    (api.root / "file").touch()
    wrong = [
        ({"resources": {"device": "cuda:7"}}, 422, "resources.device", "cpu"),
        ({"resources": {"python": "python3"}}, 422, "resources.python", "/bin/python"),
        ({"resources": {"python": "/bin/true"}}, 503, "resources.python", "another Python"),
        ({"resources": {"python": "/" + "x" * 5000}}, 503, "resources.python", "another Python"),
        ({"spec": {**SPEC, "output_dir": "file/below"}}, 422, "spec.output_dir", "folder"),
        ({"spec": {**SPEC, "output_dir": "x" * 300}}, 422, "spec.output_dir", "path"),
    ]
    for change, status, field, remedy in wrong:
        answer = await api.refused("POST", "jobs", request() | change)
        assert (answer.status, answer.error["field"]) == (status, field), answer.raw
        assert remedy in answer.error["remedy"]
    assert (await api.get("jobs"))["total"] == 0
