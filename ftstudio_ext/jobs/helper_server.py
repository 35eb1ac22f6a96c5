"""The inside of a resident helper: answers verbs over a Unix socket, one JSON object a line.

    {"id": 7, "verb": "rows", "params": {...}}        a request
    {"cancel": 7}                                     the caller no longer wants it
    {"id": 7, "progress": {...}}                      any number of these
    {"id": 7, "result": ...} | {"id": 7, "error": {kind, code, message, field, remedy}}

A helper serves the one host that started it and ends with it: a closed connection, be it for
idleness, a closed server or a killed one, is the end. Verbs run in threads.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

from ftstudio_ext.core.errors import StudioError

ACCEPT_TIMEOUT_S = 60.0
THREADS = 4


class Cancelled(Exception):
    """The caller has gone; the verb ends without an answer."""


class Context:
    """What a verb knows of its caller."""

    def __init__(self, send: Callable[[dict[str, Any]], None], id: int) -> None:
        self._send = send
        self._id = id
        self._gone = threading.Event()

    @property
    def cancelled(self) -> bool:
        """True once nobody waits for the answer; long verbs look at it often."""
        return self._gone.is_set()

    def check(self) -> None:
        """Raise Cancelled once nobody waits for the answer."""
        if self.cancelled:
            raise Cancelled

    def progress(self, **fields: Any) -> None:
        """Tell the caller how far it is, in fields of the verb's own choice."""
        self._send({"id": self._id, "progress": fields})

    def cancel(self) -> None:
        self._gone.set()


Verb = Callable[[dict[str, Any], Context], Any]


def serve(verbs: Mapping[str, Verb]) -> NoReturn:
    """Serve on the socket named on the command line until the host hangs up."""
    connection = _accept(Path(sys.argv[1]))
    server = _Server(verbs, connection)
    with contextlib.suppress(OSError, ValueError):
        server.run()
    server.cancel_all()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a verb that hangs must not keep an abandoned helper alive


def _accept(path: Path) -> socket.socket:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(1)
        listener.settimeout(ACCEPT_TIMEOUT_S)
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            sys.exit("the host never called")
        finally:
            path.unlink(missing_ok=True)
    connection.settimeout(None)
    return connection


class _Server:
    def __init__(self, verbs: Mapping[str, Verb], connection: socket.socket) -> None:
        self._verbs = verbs
        self._connection = connection
        self._writing = threading.Lock()
        self._running: dict[int, Context] = {}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="verb")

    def run(self) -> None:
        for line in self._connection.makefile("rb"):
            message = json.loads(line)
            if "cancel" in message:
                context = self._running.get(message["cancel"])
                if context:
                    context.cancel()
                continue
            context = Context(self._send, message["id"])
            self._running[message["id"]] = context
            self._pool.submit(self._answer, message, context)

    def cancel_all(self) -> None:
        for context in list(self._running.values()):
            context.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, message: dict[str, Any], context: Context) -> None:
        try:
            context.check()
            verb = self._verbs.get(message["verb"])
            if verb is None:
                raise StudioError(f"This helper has no verb {message['verb']!r}.")
            answer = {"result": verb(message.get("params") or {}, context)}
        except Cancelled:
            answer = {"error": _words(StudioError("Cancelled.", code="cancelled"))}
        except StudioError as error:
            answer = {"error": _words(error)}
        except BaseException as error:
            traceback.print_exc()
            text = f"{type(error).__name__}: {error}"
            answer = {"error": _words(StudioError(text, code="helper_error"))}
        self._running.pop(message["id"], None)
        self._send({"id": message["id"], **answer})

    def _send(self, message: dict[str, Any]) -> None:
        try:
            line = json.dumps(message, ensure_ascii=False, default=str).encode() + b"\n"
        except (TypeError, ValueError) as error:
            words = _words(StudioError(f"The answer is not JSON: {error}", code="helper_error"))
            line = json.dumps({"id": message["id"], "error": words}).encode() + b"\n"
        with self._writing, contextlib.suppress(OSError):
            self._connection.sendall(line)


def _words(error: StudioError) -> dict[str, Any]:
    """`kind` names the class, which a code of its own would hide."""
    return {"kind": type(error).code, **error.info().model_dump()}
