"""A stand-in for the Hugging Face hub: the few endpoints that look-up and download use."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Repo:
    """A repository with one commit, called main too."""

    files: dict[str, bytes]
    gated: bool = False
    parameters: int | None = None


@dataclass
class Hub:
    """Repositories by kind (`models`, `datasets`) and id, and what was asked for."""

    models: dict[str, Repo] = field(default_factory=dict)
    datasets: dict[str, Repo] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The hub on a free port of this machine, until the block ends."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        try:
            self._wanted = json.loads(body).get("paths", [])
        except ValueError:
            self._wanted = parse_qs(body).get("paths", [])
        self.do_GET()

    def do_GET(self):
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(f"{self.command} {path}")
        parts = path.strip("/").split("/")
        if parts[0] == "api" and len(parts) >= 4:
            self._api(parts[1], "/".join(parts[2:4]), parts[4:])
        elif "resolve" in parts:
            at = parts.index("resolve")
            kind = "datasets" if parts[0] == "datasets" else "models"
            self._file(kind, "/".join(parts[at - 2 : at]), parts[at + 1], "/".join(parts[at + 2 :]))
        else:
            self._refuse(404, "EntryNotFound")

    def _repo(self, kind: str, name: str, revision: str) -> Repo | None:
        repo = getattr(self.hub, kind, {}).get(name)
        if repo is None:
            self._refuse(401, "RepoNotFound")
        elif revision not in ("main", COMMIT):
            self._refuse(404, "RevisionNotFound")
        else:
            return repo
        return None

    def _api(self, kind: str, name: str, rest: list[str]) -> None:
        verb, revision = (rest[0] if rest else ""), (rest[1] if len(rest) > 1 else "main")
        repo = self._repo(kind, name, revision)
        if repo is None:
            return
        if verb == "tree":
            recursive = "recursive=true" in self.path.lower()
            self._json(_tree(repo.files, "/".join(rest[2:]), recursive))
        elif verb == "paths-info":
            everything = _tree(repo.files, "", recursive=True)
            self._json([entry for entry in everything if entry["path"] in self._wanted])
        else:
            self._json(self._info(name, repo))

    def _info(self, name: str, repo: Repo) -> dict:
        files = [{"rfilename": n, "size": len(d), "blobId": _oid(d)} for n, d in repo.files.items()]
        info = {"id": name, "modelId": name, "sha": COMMIT, "siblings": files, "tags": []}
        info |= {
            "private": False,
            "gated": repo.gated,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
        }
        if repo.parameters:
            info["safetensors"] = {
                "parameters": {"BF16": repo.parameters},
                "total": repo.parameters,
            }
        return info

    def _file(self, kind: str, name: str, revision: str, file: str) -> None:
        repo = self._repo(kind, name, revision)
        if repo is None:
            return
        if repo.gated:
            self._refuse(403, "GatedRepo")
        elif file not in repo.files:
            self._refuse(404, "EntryNotFound")
        else:
            data = repo.files[file]
            self._answer(200, data, {"ETag": f'"{_oid(data)}"', "X-Repo-Commit": COMMIT})

    def _json(self, value) -> None:
        self._answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, b"{}", {"X-Error-Code": code, "X-Error-Message": code})

    def _answer(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _oid(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def _entry(name: str, data: bytes) -> dict:
    return {"type": "file", "path": name, "oid": _oid(data), "size": len(data)}


def _tree(files: dict[str, bytes], below: str, recursive: bool) -> list[dict]:
    """Files and folders below a folder; direct ones only unless `recursive`."""
    entries = [_entry(name, data) for name, data in files.items()]
    folders = {name.rsplit("/", 1)[0] for name in files if "/" in name}
    entries += [{"type": "directory", "path": name, "oid": _oid(b"")} for name in sorted(folders)]
    start = f"{below}/" if below else ""
    inside = [entry for entry in entries if entry["path"].startswith(start)]
    return [e for e in inside if recursive or "/" not in e["path"].removeprefix(start)]
