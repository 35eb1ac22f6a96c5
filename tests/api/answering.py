"""A real server with a tiny model and four adapters that disagree, for the tests of answers."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.adapters_that_disagree import make_adapter, place_adapter
from tests.notebook.server import JupyterServer
from tests.tiny_model import make_tiny_model

from .conftest import write_colours

ADAPTERS = ("one", "two", "three")
Event = dict[str, Any]


class Answers:
    """The server, and how one asks it."""

    def __init__(self, folder: Path) -> None:
        self.server = JupyterServer(folder)
        self.base = make_tiny_model(self.server.root / "models" / "tiny")
        make_tiny_model(self.server.root / "models" / "other", seed=1)
        write_colours(self.server.root / "data" / "colours.jsonl")
        self.gpu = folder / "gpu"
        with _nvidia_smi(folder / "bin", self.gpu):
            self.server.start()
        self.client = self.connect()

    def connect(self) -> httpx.Client:
        headers = {"Authorization": f"token {self.server.token}"}
        url = f"{self.server.url}ftstudio/api/"
        return httpx.Client(base_url=url, headers=headers, timeout=120)

    def furnish(self, made: Path) -> None:
        """Base model, dataset, prompt, and the adapters with manifests of a run on these rows."""
        self.post("models", {"name": "tiny", "source": _folder("models/tiny")})
        self.post("models", {"name": "other", "source": _folder("models/other")})
        source = {"source": "file", "path": "data/colours.jsonl"}
        dataset = self.post("datasets", {"name": "colours", "source": source})
        prompt = {"prompt_template": "Q: {question}\nA:", "completion_template": " {answer}"}
        saved = self.post("prompts", {"name": "say it", "dataset": "colours", **prompt})
        model = self.get("models/tiny")
        manifest = {
            "base_model": {"id": model["id"], "name": "tiny"},
            "dataset": {"id": dataset["id"], "content_hash": dataset["content_hash"]},
            "prompt": {"id": saved["id"], "name": "say it", "mode": "text", **prompt},
            "split": {
                "seed": 1,
                "parts": {
                    part: {"rows": count}
                    for part, count in (("train", 25), ("validation", 2), ("test", 3))
                },
            },
        }
        workspace = self.server.root / "ftstudio"
        for seed, name in enumerate(ADAPTERS):
            place_adapter(workspace, make_adapter(self.base, made / name, seed), name, manifest)
        dora = make_adapter(self.base, made / "dora", 9, use_dora=True)
        place_adapter(workspace, dora, "dora", manifest)

    def get(self, path: str, **query: Any) -> Any:
        return self._json(self.client.get(path, params=query))

    def post(self, path: str, body: Any = None) -> Any:
        return self._json(self.client.post(path, json=body or {}))

    def _json(self, answer: httpx.Response) -> Any:
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.text else None

    def stream(self, *adapters: str | None, **request: Any) -> Iterator[Event]:
        """Events of a comparison as they come."""
        with self.client.stream("POST", "comparisons", json=asked(*adapters, **request)) as answer:
            assert answer.status_code == 200, answer.read()
            for line in answer.iter_lines():
                yield json.loads(line)

    def ask(self, *adapters: str | None, **request: Any) -> list[Event]:
        return list(self.stream(*adapters, **request))

    def helper_pid(self) -> int:
        return int(self.get("inference/status")["models"][0]["pid"])

    def close(self) -> None:
        self.client.close()
        self.server.stop()


def asked(*adapters: str | None, **request: Any) -> dict[str, Any]:
    """A request: base and three adapters, free text unless rows are given, in 32 bits, greedy,
    12 tokens."""
    who = adapters or (None, *ADAPTERS)
    columns = [{"base_model": "tiny", "adapter": adapter} for adapter in who]
    settings = {"max_new_tokens": request.pop("tokens", 12)}
    request.setdefault("precision", "32-bit")
    if "rows" not in request:
        request.setdefault("question", {"text": "Q: Say red\nA:", "expected": " red"})
    return {"columns": columns, "generation": [settings], **request}


def of(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event["event"] == kind]


def texts(events: list[Event]) -> dict[tuple[int, int, int], str]:
    """The complete answers by (column, row, setting)."""
    return {place(event): event["text"] for event in of(events, "done")}


def place(event: Event) -> tuple[int, int, int]:
    key = event["answer"]
    return key["column"], key["row"], key["setting"]


class Background:
    """A comparison whose events are read by a thread."""

    def __init__(self, answers: Answers, **request: Any) -> None:
        self.events: list[Event] = []
        self.failed: BaseException | None = None
        self._first = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(answers, request), daemon=True)
        self._thread.start()

    def _read(self, answers: Answers, request: dict[str, Any]) -> None:
        try:
            for event in answers.stream(**request):
                self.events.append(event)
                if event["event"] == "token":
                    self._first.set()
        except BaseException as error:
            self.failed = error
        finally:
            self._first.set()

    def writing(self) -> None:
        """Wait for the first token."""
        assert self._first.wait(120)
        assert of(self.events, "token"), (self.events, self.failed)

    def all(self) -> list[Event]:
        self._thread.join(120)
        assert not self._thread.is_alive(), "the stream hangs"
        assert self.failed is None, self.failed
        return self.events


@contextlib.contextmanager
def _nvidia_smi(folder: Path, gpu: Path) -> Iterator[None]:
    """The tool of a machine that has a GPU while the file `gpu` is there."""
    folder.mkdir()
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n[ -e {gpu} ] && echo GPU-1, Some GPU, 1000, 900\nexit 0\n")
    tool.chmod(0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{folder}:{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _folder(path: str) -> dict[str, str]:
    return {"source": "directory", "path": path}
