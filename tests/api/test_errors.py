"""Whatever a caller does wrong is a 4xx in one shape, in words, with the field and a remedy."""

from __future__ import annotations

import errno

import pytest

FILE = {"source": "file", "path": "data/colours.jsonl"}
TEMPLATES = {"prompt_template": "{question}", "completion_template": "{answer}"}

# (verb, path, body, status, field)
WRONG = [
    ("POST", "datasets", "{not json", 400, None),
    ("POST", "datasets", "[1]", 400, None),
    ("POST", "datasets", '"text"', 400, None),
    ("POST", "datasets", "\xff", 400, None),
    ("POST", "datasets", {}, 422, "source"),
    ("POST", "datasets", {"source": 7}, 422, "source"),
    ("POST", "datasets", {"source": {"source": "ftp"}}, 422, "source"),
    ("POST", "datasets", {"source": {"source": "file"}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": {}}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": ""}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": "a\0b"}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": "\ud800"}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": "x" * 300}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": "x/" * 3000}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": "~nobody-here/x"}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": {"train": 5}}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": "data"}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": "no.csv"}}, 422, "source.path"),
    ("POST", "datasets", {"source": {"source": "file", "path": {"train": "no"}}}, 422, "source.path.train"),
    ("POST", "datasets", {"source": {**FILE, "format": "xlsx"}}, 422, "source.format"),
    ("POST", "datasets", {"source": FILE, "name": "a/b"}, 422, "name"),
    ("POST", "datasets", {"source": FILE, "name": ""}, 422, "name"),
    ("POST", "datasets", {"source": FILE, "nmae": "x"}, 422, "nmae"),
    ("POST", "datasets", {"source": {"source": "hub", "repo_id": "a b"}}, 422, "source.repo_id"),
    ("GET", "datasets?limit=0", None, 422, "limit"),
    ("GET", "datasets?limit=many", None, 422, "limit"),
    ("GET", "datasets?offset=-1", None, 422, "offset"),
    ("GET", "datasets/none", None, 404, None),
    ("GET", "datasets/none/rows", None, 404, None),
    ("GET", "datasets/colours/rows?offset=-1", None, 422, "offset"),
    ("GET", "datasets/colours/rows?split=none", None, 422, "split"),
    ("PATCH", "datasets/colours", {"rows": 5}, 422, "rows"),
    ("DELETE", "datasets/none", None, 404, None),
    ("DELETE", "datasets/colours?cascade=perhaps", None, 422, "cascade"),
    ("PUT", "datasets/colours", {}, 405, None),
    ("POST", "models", {"source": {"source": "directory", "path": "none"}}, 422, "source.path"),
    ("POST", "models", {"source": {"source": "directory", "path": "data"}}, 422, "source.path"),
    ("POST", "models", {"source": {"source": "directory", "path": "data/colours.jsonl"}}, 422, "source.path"),
    ("POST", "adapters", {"source": {"source": "directory", "path": "none"}}, 422, "source.path"),
    ("POST", "adapters", {"source": {"source": "hub", "path": "x"}}, 422, "source.source"),
    ("GET", "adapters/none/download", None, 404, None),
    ("POST", "prompts", {"name": "p", "dataset": "none", **TEMPLATES}, 422, "dataset"),
    ("POST", "prompts", {"name": "p", "dataset": "colours"}, 422, "prompt_template"),
    ("POST", "prompts/suggest", {"dataset": "none"}, 422, "dataset"),
    ("POST", "prompts/suggest", {"dataset": "x" * 300_000}, 422, "dataset"),
    ("POST", "prompts/preview", {"dataset": "colours"}, 422, "prompt_template"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "row": 99}, 422, "row"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "prompt_template": "{answer.__class__}"}, 422, "prompt_template"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "rows": []}, 422, "rows"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "rows": [1] * 21}, 422, "rows"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "rows": [-1]}, 422, "rows"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "rows": [10**30]}, 422, "rows"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "n": 0}, 422, "n"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "max_length": 0}, 422, "max_length"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "loss_on": "prompt"}, 422, "loss_on"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "model": "none"}, 422, "model"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "checks": True}, 422, "model"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "prompt_template": "{?question}"}, 422, "prompt_template"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "prompt_template": "{/question}"}, 422, "prompt_template"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "completion_template": "{?nothing}{/nothing}"}, 422, "completion_template"),
    ("POST", "prompts/preview", {"dataset": "colours", "mode": "chat"}, 422, "messages"),
    ("POST", "prompts/preview", {"dataset": "colours", "mode": "opera"}, 422, "mode"),
    ("POST", "prompts/preview", {"dataset": "colours", "mode": "chat", "messages": [{"role": "tool", "content": "x"}]}, 422, "messages.0.role"),
    ("POST", "prompts/preview", {"dataset": "colours", "mode": "chat", "messages": [{"role": "user"}]}, 422, "messages.0.content"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "chat_template": "own"}, 422, "chat_template"),
    ("POST", "prompts/preview", {"dataset": "colours", **TEMPLATES, "examples": [{"split": "train", "row": 0, "values": {"question": "?"}}]}, 422, "examples"),
    ("POST", "prompts/examples", {"dataset": "colours", **TEMPLATES, "n": 99}, 422, "n"),
    ("POST", "prompts/examples", {"dataset": "none", **TEMPLATES}, 422, "dataset"),
    ("POST", "presets", {"name": "p", "kind": "soup"}, 422, "kind"),
    ("POST", "jobs", {"type": "train", "spec": {}}, 422, "request_id"),
    ("POST", "jobs", {"type": "bake", "spec": {}, "request_id": "r"}, 422, "type"),
    ("POST", "jobs", {"type": "train", "spec": {}, "request_id": "r"}, 422, "spec.name"),
    ("POST", "jobs", {"type": "import", "spec": {"source": {**FILE, "path": "no.csv"}}, "request_id": "r"}, 422, "spec.source.path"),
    ("GET", "jobs/none", None, 404, None),
    ("GET", "jobs/..", None, 404, None),
    ("GET", "jobs/none/events?after=x", None, 422, "after"),
    ("GET", "jobs/none/log", None, 404, None),
    ("POST", "jobs/none/stop", {}, 404, None),
    ("POST", "jobs/none/resume", {}, 404, None),
    ("POST", "jobs/none/duplicate", {"request_id": "r"}, 404, None),
    ("DELETE", "jobs/none", None, 404, None),
    ("GET", "nothing/here", None, 404, None),
]  # fmt: skip


async def test_wrong_input_is_refused_in_words_with_field_and_remedy(api, colours):
    failures = []
    for verb, address, body, status, field in WRONG:
        path, _, query = address.partition("?")
        arguments = dict(pair.split("=") for pair in query.split("&") if pair)
        answer = await api.request(verb, path, body, **arguments)
        if answer.status == status and set(answer.json) == {"error"}:
            error = answer.error
            said = error["message"]
            words = said.endswith((".", "?", ")", "…")) and "Traceback" not in said
            words = words and len(said) <= 1000
            if words and error.get("field") == field and (error.get("remedy") or field is None):
                continue
        failures.append((verb, address, body, answer.status, answer.raw[:300]))
    assert not failures, "\n".join(map(str, failures))
    assert (await api.get("datasets"))["total"] == 1


async def test_a_garbled_revision_is_a_bad_request(api, colours):
    for garbled in ("new", "9" * 5000):
        headers = {"If-Match": garbled}
        answer = await api.request("PATCH", "datasets/colours", {"name": "x"}, headers)
        assert (answer.status, answer.error["field"]) == (400, "If-Match")


async def test_a_fault_of_ours_has_an_id_and_no_traceback(api, monkeypatch, caplog):
    studio = await api.serverapp.web_app.settings["ftstudio"].studio()
    monkeypatch.setattr(studio.prompts, "list", lambda **_: 1 / 0)
    answer = await api.request("GET", "prompts")
    assert answer.status == 500 and answer.error["code"] == "internal"
    number = answer.error["message"].split("error id ")[1][:8]
    assert "division" not in answer.raw.decode()
    assert number in caplog.text and "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_is_said_as_such(api, monkeypatch, number):
    studio = await api.serverapp.web_app.settings["ftstudio"].studio()

    def full(*_args):
        raise OSError(number, "No space left on device")

    monkeypatch.setattr(studio.presets, "create", full)
    answer = await api.request("POST", "presets", {"name": "x", "kind": "lora"})
    assert (answer.status, answer.error["code"]) == (507, "disk_full")


async def test_every_answer_names_the_servers_version(api):
    from ftstudio_ext import __version__

    for path in ("status", "nothing"):
        answer = await api.request("GET", path)
        assert answer.headers["X-FtStudio-Version"] == __version__
    assert (await api.get("status"))["version"] == __version__
