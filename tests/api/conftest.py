"""A real Jupyter server with the extension, spoken to over HTTP."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403
from traitlets.config import Config

COLOURS = ["red", "green", "blue"]


@dataclass
class Answer:
    """Status, headers and JSON of an answer; `raw` is its body."""

    status: int
    headers: Any
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]


class Api:
    """The studio's routes below `ftstudio/api`."""

    def __init__(self, fetch: Any, serverapp: Any) -> None:
        self._fetch = fetch
        self.serverapp = serverapp
        self.root = Path(serverapp.root_dir)

    async def request(
        self, verb: str, path: str, body: Any = None, headers: Any = None, **query: Any
    ) -> Answer:
        if verb in ("POST", "PATCH", "PUT") and not isinstance(body, str):
            body = json.dumps({} if body is None else body)
        response = await self._fetch(
            "ftstudio/api",
            *path.split("/"),
            method=verb,
            body=body,
            params=query,
            headers=headers or {},
            raise_error=False,
            request_timeout=60,
        )
        return Answer(response.code, response.headers, response.body)

    async def ok(self, verb: str, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of an answer that must be good."""
        answer = await self.request(verb, path, body, **query)
        assert answer.status in (200, 201, 204), answer.raw
        return answer.json if answer.raw else None

    async def get(self, path: str, **query: Any) -> Any:
        return await self.ok("GET", path, **query)

    async def post(self, path: str, body: Any = None) -> Any:
        return await self.ok("POST", path, body)

    async def refused(self, verb: str, path: str, body: Any = None, **query: Any) -> Answer:
        """An answer that must be an error in words."""
        answer = await self.request(verb, path, body, **query)
        assert 400 <= answer.status < 500 or answer.status == 503, answer.raw
        assert answer.error["message"], answer.raw
        return answer


def write_colours(path: Path, rows: int = 30) -> None:
    """A jsonl file that anything can be learnt from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (
        {"id": i, "question": f"Say {COLOURS[i % 3]}", "answer": COLOURS[i % 3]}
        for i in range(rows)
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def write_adapter_folder(folder: Path, base: str = "org/base") -> None:
    """What `save_pretrained` of PEFT writes, with one real (tiny) tensor."""
    folder.mkdir(parents=True)
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": 4,
        "lora_alpha": 8,
        "target_modules": ["q_proj"],
        "base_model_name_or_path": base,
    }
    (folder / "adapter_config.json").write_text(json.dumps(config))
    header = json.dumps(
        {"base_model.q_proj.lora_A.weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    ).encode()
    (folder / "adapter_model.safetensors").write_bytes(
        len(header).to_bytes(8, "little") + header + bytes(8)
    )


@pytest.fixture(autouse=True)
def jp_asyncio_loop(_function_scoped_runner: Any) -> Any:
    """pytest-jupyter's server and pytest-asyncio's tests on one event loop."""
    return _function_scoped_runner.get_loop()


@pytest.fixture
def jp_server_config() -> Config:
    return Config({"ServerApp": {"jpserver_extensions": {"ftstudio_ext": True}}})


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real, random model with tokenizer, made once."""
    from tests.tiny_model import make_tiny_model

    folder = tmp_path_factory.mktemp("models") / "tiny"
    make_tiny_model(folder)
    return folder


@pytest.fixture
async def api(jp_serverapp: Any, jp_fetch: Any) -> AsyncIterator[Api]:
    await jp_serverapp.extension_manager.start_all_extensions()
    yield Api(jp_fetch, jp_serverapp)
    await jp_serverapp.extension_manager.stop_all_extensions()


@pytest.fixture
async def colours(api: Api) -> dict[str, Any]:
    """An imported dataset of 30 rows."""
    write_colours(api.root / "data" / "colours.jsonl")
    source = {"source": "file", "path": "data/colours.jsonl"}
    return await api.post("datasets", {"name": "colours", "source": source})


@pytest.fixture
async def prompt(api: Api, colours: dict[str, Any]) -> dict[str, Any]:
    """A prompt for it."""
    body = {
        "name": "say it",
        "dataset": "colours",
        "prompt_template": "Q: {question}\nA:",
        "completion_template": " {answer}",
    }
    return await api.post("prompts", body)


@pytest.fixture
async def model(api: Api, tiny_model: Path) -> dict[str, Any]:
    """A base model below the server's root."""
    (api.root / "models").mkdir()
    shutil.copytree(tiny_model, api.root / "models" / "tiny")
    source = {"source": "directory", "path": "models/tiny"}
    return await api.post("models", {"name": "tiny", "source": source})


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server of its own with a model and adapters that answer; one for all tests."""
    from .answering import Answers

    running = Answers(tmp_path_factory.mktemp("answers"))
    running.furnish(tmp_path_factory.mktemp("adapters"))
    yield running
    running.close()
