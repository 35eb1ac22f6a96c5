"""The queue over HTTP: why a job waits, its place, moving it, holding it, taking it out."""

from __future__ import annotations

import asyncio
import time

import pytest

from ftstudio_ext.jobs.protocol import ACTIVE, FINAL
from ftstudio_ext.jobs.service import JobService
from tests.jobs.conftest import make_spec


@pytest.fixture
async def queue(api):
    """One job at work, three that wait: small real processes in the server's workspace."""
    await api.get("status")
    service = JobService(api.root / "ftstudio")
    steps = {"at work": 10_000, "first": 1, "second": 1, "third": 1}
    for name, count in steps.items():
        await asyncio.to_thread(service.submit, make_spec(name, steps=count))
    yield service
    for job in service.list(state="queued,held,starting,running,stopping").items:
        await asyncio.to_thread(service.stop, job.id, False)
    limit = time.monotonic() + 20
    while service.active() and time.monotonic() < limit:
        await asyncio.sleep(0.05)


async def ended(api, name):
    """The job once it has ended."""
    limit = time.monotonic() + 20
    while (job := await api.get(f"jobs/{name}"))["state"] not in FINAL:
        assert time.monotonic() < limit, job
        await asyncio.sleep(0.05)
    return job


async def places(api):
    jobs = (await api.get("jobs", state="queued"))["items"]
    return [job["name"] for job in sorted(jobs, key=lambda job: job["queue_position"])]


async def test_a_waiting_job_says_its_place_and_what_it_waits_for(api, queue):
    jobs = {job["name"]: job for job in (await api.get("jobs"))["items"]}
    assert jobs["at work"]["state"] in ACTIVE and jobs["at work"]["queue_position"] is None
    shown = {name: (job["queue_position"], job["reason"]) for name, job in jobs.items()}
    assert shown["first"] == (1, "Waits for at work.")
    assert shown["second"] == (2, "Waits for at work and first.")
    assert shown["third"] == (3, "Waits for at work and 2 others.")
    detail = await api.get("jobs/third")
    assert (detail["queue_position"], detail["reason"]) == shown["third"]


async def test_priority_moves_a_job_in_the_queue(api, queue):
    moved = await api.ok("PATCH", "jobs/third", {"priority": 10})
    assert moved["queue_position"] == 1 and await places(api) == ["third", "first", "second"]
    await api.ok("PATCH", "jobs/first", {"priority": -1})
    assert await places(api) == ["third", "second", "first"]
    await api.post("jobs/at work/stop", {"save": False})
    order = [(await ended(api, name))["started_at"] for name in ("third", "second", "first")]
    assert order == sorted(order)
    answer = await api.refused("PATCH", "jobs/first", {"priority": 1000})
    assert answer.status == 422 and answer.error["field"] == "priority"


async def test_a_held_job_is_passed_by_until_it_is_released(api, queue):
    held = await api.ok("PATCH", "jobs/first", {"hold": True})
    assert (held["state"], held["queue_position"]) == ("held", None)
    assert await places(api) == ["second", "third"]
    await api.post("jobs/at work/stop", {"save": False})
    await ended(api, "third")
    assert (await api.get("jobs/first"))["state"] == "held"
    await api.ok("PATCH", "jobs/first", {"hold": False})
    assert (await ended(api, "first"))["state"] == "succeeded"


async def test_what_runs_cannot_be_held(api, queue):
    answer = await api.refused("PATCH", "jobs/at work", {"hold": True})
    assert answer.status == 409 and "Stop it instead" in answer.error["remedy"]


@pytest.mark.parametrize("save", [True, False])
async def test_a_waiting_job_is_cancelled_at_once(api, queue, save):
    stopped = await api.post("jobs/second/stop", {"save": save})
    assert (stopped["state"], stopped["reason"]) == ("stopped", "Stopped before it started.")
    assert await places(api) == ["first", "third"]
    again = await api.post("jobs/second/stop", {"save": save})
    assert again["state"] == "stopped" and again["finished_at"] == stopped["finished_at"]


async def test_the_queue_goes_on_after_a_failure(api, queue):
    service = queue
    bad = await asyncio.to_thread(service.submit, make_spec("bad", steps=1, fail="no luck"))
    await api.ok("PATCH", f"jobs/{bad.id}", {"priority": 5})
    await api.post("jobs/at work/stop", {"save": False})
    assert (await ended(api, "third"))["state"] == "succeeded"
    assert (await api.get("jobs/bad"))["state"] == "failed"
