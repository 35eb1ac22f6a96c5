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
    gated: bool | str = False
    parameters: int | None = None
    accepted: set[str] = field(default_factory=set)
    """Accounts that have accepted its terms, where it is gated."""
    more: dict = field(default_factory=dict)
    """Further fields of its description: downloads, likes, tags, cardData, config …"""


@dataclass
class Hub:
    """Repositories by kind (`models`, `datasets`) and id, and what was asked for."""

    models: dict[str, Repo] = field(default_factory=dict)
    datasets: dict[str, Repo] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    """{token: account}; any other token is refused."""
    elsewhere: int | None = None
    """Files from this size on are redirected to another address, as the hub does with LFS."""
    asked: list[str] = field(default_factory=list)
    moved: dict[str, bytes] = field(default_factory=dict)
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
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        self._account = self.hub.accounts.get(token)
        if token and self._account is None:
            self._refuse(401, None, "Invalid credentials in Authorization header")
        elif path == "/api/whoami-v2":
            if self._account:
                self._json({"name": self._account, "auth": {"accessToken": {"displayName": "t"}}})
            else:
                self._refuse(401, None, "Invalid username or password.")
        elif parts in (["api", "models"], ["api", "datasets"]):
            self._search(parts[1])
        elif parts[0] == "elsewhere":
            self._answer(200, self.hub.moved[parts[1]], {"ETag": f'"{parts[1]}"'})
        elif parts[0] == "api" and len(parts) >= 4:
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
        if verb == "auth-check":
            if self._may(repo):
                self._json({})
        elif verb == "tree":
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
        return info | repo.more

    def _file(self, kind: str, name: str, revision: str, file: str) -> None:
        repo = self._repo(kind, name, revision)
        if repo is None:
            return
        if not self._may(repo):
            return
        if file not in repo.files:
            self._refuse(404, "EntryNotFound")
            return
        data = repo.files[file]
        facts = {"ETag": f'"{_oid(data)}"', "X-Repo-Commit": COMMIT}
        if self.hub.elsewhere is None or len(data) < self.hub.elsewhere:
            self._answer(200, data, facts)
            return
        self.hub.moved[_oid(data)] = data
        facts |= {"X-Linked-Size": str(len(data)), "X-Linked-ETag": f'"{_oid(data)}"'}
        other_host = self.hub.url.replace("127.0.0.1", "localhost")
        self._answer(302, b"", {**facts, "Location": f"{other_host}/elsewhere/{_oid(data)}"})

    def _may(self, repo: Repo) -> bool:
        """Whether the caller may have its files; answers if not."""
        if not repo.gated or self._account in repo.accepted:
            return True
        self._refuse(403 if self._account else 401, "GatedRepo")
        return False

    def _search(self, kind: str) -> None:
        """By words of the name, `limit` at a time; the cursor is a position."""
        query = parse_qs(urlsplit(self.path).query)
        words = query.get("search", [""])[0].lower()
        limit, start = (int(query.get(name, [standard])[0]) for name, standard in (("limit", 20), ("cursor", 0)))  # fmt: skip
        found = [
            self._info(name, repo)
            for name, repo in getattr(self.hub, kind).items()
            if words in name.lower()
        ]
        found.sort(key=lambda info: -(info.get(query["sort"][0]) or 0))
        headers = {"Content-Type": "application/json"}
        if start + limit < len(found):
            onward = f"{self.hub.url}/api/{kind}?search={words}&cursor={start + limit}"
            headers["Link"] = f'<{onward}>; rel="next"'
        self._answer(200, json.dumps(found[start : start + limit]).encode(), headers)

    def _json(self, value) -> None:
        self._answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _refuse(self, status: int, code: str | None, message: str | None = None) -> None:
        headers = {"X-Error-Code": code} if code else {}
        self._answer(status, b"{}", {**headers, "X-Error-Message": message or code or ""})

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
