"""Paths that people give stay inside the server's root and the allow-listed directories."""

from __future__ import annotations

import os

import pytest

from .conftest import write_colours


def source(path):
    return {"source": {"source": "file", "path": str(path)}}


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    write_colours(folder / "secret.jsonl")
    return folder


@pytest.mark.parametrize(
    "path", ["../outside/secret.jsonl", "data/../../outside/secret.jsonl", "./..", ".."]
)
async def test_two_dots_are_not_followed(api, outside, path):
    answer = await api.refused("POST", "datasets", source(path))
    assert answer.status == 422 and "'..'" in answer.error["message"]


async def test_an_absolute_path_outside_is_forbidden_and_says_where_to_go(api, outside):
    answer = await api.refused("POST", "datasets", source(outside / "secret.jsonl"))
    assert answer.status == 403 and "outside" in answer.error["message"]
    assert str(api.root) in answer.error["remedy"] and "allowed_dirs" in answer.error["remedy"]
    home = await api.refused("POST", "datasets", source("~/.ssh/id_rsa"))
    assert home.status == 403


async def test_links_that_lead_outside_are_forbidden(api, outside):
    (api.root / "file.jsonl").symlink_to(outside / "secret.jsonl")
    (api.root / "folder").symlink_to(outside)
    for path in ("file.jsonl", "folder/secret.jsonl"):
        answer = await api.refused("POST", "datasets", source(path))
        assert answer.status == 403 and "link" in answer.error["message"]
    body = {"source": {"source": "directory", "path": "folder"}}
    for route in ("models", "adapters"):
        assert (await api.refused("POST", route, body)).status == 403


async def test_absolute_paths_and_links_inside_are_fine(api):
    write_colours(api.root / "data" / "colours.jsonl")
    (api.root / "link.jsonl").symlink_to(api.root / "data" / "colours.jsonl")
    for path in (api.root / "data" / "colours.jsonl", "link.jsonl"):
        dataset = await api.post("datasets", source(path))
        assert dataset["source"]["path"] == "data/colours.jsonl", "as the file browser shows it"


async def test_a_loop_of_links_is_said(api):
    (api.root / "a").symlink_to("b")
    (api.root / "b").symlink_to("a")
    answer = await api.refused("POST", "datasets", source("a"))
    assert answer.error["field"] == "source.path"


class TestWithAnAllowedDirectory:
    @pytest.fixture
    def jp_server_config(self, jp_server_config, outside):
        jp_server_config.FineTuningStudio.allowed_dirs = [str(outside)]
        return jp_server_config

    async def test_it_can_be_imported_from(self, api, outside):
        path = outside / "secret.jsonl"
        dataset = await api.post("datasets", source(path))
        assert dataset["source"]["path"] == str(path)


async def test_pipes_and_devices_are_no_files_and_keep_nobody_waiting(api):
    os.mkfifo(api.root / "pipe.csv")
    answer = await api.refused("POST", "datasets", source("pipe.csv"))
    assert answer.status == 422 and "a pipe, a socket or a device" in answer.error["message"]
