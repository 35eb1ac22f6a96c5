"""A server opens its workspace by itself when jobs may wait in it."""

from __future__ import annotations

import asyncio
import errno

import pytest

from ftstudio_ext.jobs.service import JobService
from ftstudio_ext.opening import Opening
from tests.jobs.conftest import make_spec


async def test_a_workspace_that_could_not_be_opened_at_the_start_is_tried_again(
    api, monkeypatch: pytest.MonkeyPatch
):
    await api.get("status")
    service = JobService(api.root / "ftstudio")
    job = service.submit(make_spec("waiting", steps=1), hold=True)
    app = next(iter(api.serverapp.extension_manager.extension_apps["ftstudio_ext"]))
    build, failures = Opening._build, [errno.ENOSPC, errno.EROFS]

    def fail_twice(self, loop):
        if failures:
            raise OSError(failures.pop(), "not now")
        return build(self, loop)

    monkeypatch.setattr(Opening, "_build", fail_twice)
    opening = Opening(
        app.opening.settings,
        app.opening.launcher_class,
        helper_idle_timeout_s=600,
        reconcile_interval_s=0.05,
        auto_resume=True,
        on_hint=lambda hint: None,
        on_look=lambda active: None,
    )
    opening.reopen_in_background()
    for _ in range(200):
        if opening._studio:
            break
        await asyncio.sleep(0.05)
    assert (await opening.studio()).job_service.get(job.id).state == "held"
    assert failures == []
    await opening.close()


async def test_a_workspace_that_has_gone_is_said_and_not_made_again(api, colours):
    workspace, away = api.root / "ftstudio", api.root / "away"
    workspace.rename(away)
    for verb, path in (("GET", "status"), ("GET", "datasets"), ("POST", "presets")):
        answer = await api.request(
            verb, path, {"name": "x", "kind": "lora"} if verb == "POST" else None
        )
        assert (answer.status, answer.error["code"]) == (503, "no_workspace")
        assert (
            str(workspace) in answer.error["message"]
            and "Put the folder back" in answer.error["remedy"]
        )
    studio = api.serverapp.web_app.settings["ftstudio"]._studio
    await asyncio.to_thread(studio.reconcile)
    assert not workspace.exists()
    away.rename(workspace)
    assert (await api.get("datasets/colours/rows", limit=1))["total"] == 30
