"""One HTTP connection to the studio's REST API; every failure leaves it as a StudioApiError."""

from __future__ import annotations

import secrets
import threading
import warnings
from collections.abc import Generator
from typing import Any
from urllib.parse import quote

import httpx

from ftstudio_ext import __version__
from ftstudio_ext.schema.errors import ErrorBody, ErrorInfo

from . import finding
from .errors import NotConnected, StudioApiError

API = "ftstudio/api/"
VERSION_HEADER = "X-FtStudio-Version"
INSTALL = (
    "Run pip install ftstudio-ext in the server's environment, restart the server, and see that "
    '"jupyter server extension list" names ftstudio_ext.'
)
GATEWAY_TROUBLE = (424, 502, 503, 504)
"""A proxy or a hub says so while the server behind it is down or starting."""


class Connection:
    """Speaks to one server, and finds it again when it was restarted elsewhere."""

    def __init__(
        self, address: finding.Address, timeout_s: float, verify: bool | str = True
    ) -> None:
        self.address = address
        self._timeout_s = timeout_s
        self._verify = verify
        self._lock = threading.Lock()
        self._http = self._open(address)
        self._warned = False

    def get(self, *path: str, **query: Any) -> Any:
        return self.request("GET", *path, query=query)

    def post(self, *path: str, body: Any = None, timeout_s: float | None = None) -> Any:
        return self.request("POST", *path, body=body or {}, timeout_s=timeout_s)

    def request(
        self,
        verb: str,
        *path: str,
        query: dict[str, Any] | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        timeout_s: float | None = None,
        below: str = API,
    ) -> Any:
        """The JSON of the answer, or its text (None when it has no body). `path` is given in
        parts, each of which may hold any character; `below` is another address of the server to
        start from."""
        address = self.address
        try:
            return self._once(verb, path, query, body, headers, timeout_s, below)
        except NotConnected:
            if not self._moved(address):
                raise
        return self._once(verb, path, query, body, headers, timeout_s, below)

    def lines(self, *path: str, body: Any) -> Generator[str, None, None]:
        """The lines of a streamed answer, as they come; the first one is awaited for as long as a
        model may take to load. Closing the generator closes the connection."""
        address = API + "/".join(quote(part, safe="") for part in path)
        try:
            with self._http.stream("POST", address, json=body, timeout=None) as answer:
                if answer.is_error or answer.is_redirect:
                    answer.read()
                    raise self._refusal(answer)
                self._compare_versions(answer)
                yield from answer.iter_lines()
        except httpx.TransportError as error:
            raise self._silent(error) from None

    def close(self) -> None:
        self._http.close()

    # --- one exchange ------------------------------------------------------------------------

    def _once(
        self,
        verb: str,
        path: tuple[str, ...],
        query: dict[str, Any] | None,
        body: Any,
        headers: dict[str, str] | None,
        timeout_s: float | None,
        below: str,
    ) -> Any:
        try:
            answer = self._http.request(
                verb,
                below + "/".join(quote(part, safe="") for part in path),
                params={name: value for name, value in (query or {}).items() if value is not None},
                json=body,
                headers=headers,
                timeout=timeout_s or self._timeout_s,
            )
        except httpx.TransportError as error:
            raise self._silent(error) from None
        if answer.is_error or answer.is_redirect:
            raise self._refusal(answer)
        self._compare_versions(answer)
        if not answer.content:
            return None
        return answer.json() if "json" in answer.headers["Content-Type"] else answer.text

    def _silent(self, error: httpx.TransportError) -> NotConnected:
        url = self.address.url
        if isinstance(error, httpx.TimeoutException):
            return NotConnected(
                f"The Jupyter server at {url} has not answered in time.",
                code="timeout",
                remedy="Try again; Studio(timeout_s=…) waits longer.",
            )
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return NotConnected(
                f"The certificate of the Jupyter server at {url} is not trusted here.",
                code="certificate",
                remedy='Name its certificate: Studio(verify="/path/to/certificate.pem").',
            )
        return NotConnected(
            f"The Jupyter server at {url} cannot be reached ({error}).",
            remedy="See whether it is running; running jobs go on without it.",
        )

    def _refusal(self, answer: httpx.Response) -> StudioApiError:
        """An error of ours as it was sent; anything else in words that help."""
        url, status = self.address.url, answer.status_code
        try:
            info = ErrorBody.model_validate_json(answer.content).error
        except ValueError:
            info = None
        if status in (401, 403) and (info is None or info.code == "forbidden") and self._stranger():
            return NotConnected(
                f"The Jupyter server at {url} does not accept this token.",
                code="forbidden",
                remedy="Give its token: Studio(url=…, token=…). JupyterLab shows it in its start "
                "messages, and `jupyter server list` too.",
            )
        if info is not None:
            return StudioApiError.of(info)
        if status in (404, 405):
            return NotConnected(
                f"The Jupyter server at {url} has no Fine-tuning Studio.",
                code="no_studio",
                remedy=INSTALL,
            )
        kind = NotConnected if status in GATEWAY_TROUBLE else StudioApiError
        return kind(
            f"The server at {url} answered with status {status} ({answer.reason_phrase}).",
            code="unexpected_answer",
            remedy="Look into its log; if the address leads to a login page, give a token.",
        )

    def _stranger(self) -> bool:
        """Whether the server does not know us at all, rather than forbidding one thing."""
        try:
            return self._http.get("api/status").status_code in (401, 403)
        except httpx.TransportError:
            return False

    def _compare_versions(self, answer: httpx.Response) -> None:
        theirs = answer.headers.get(VERSION_HEADER)
        if theirs and theirs != __version__ and not self._warned:
            self._warned = True
            warnings.warn(
                f"This kernel has Fine-tuning Studio {__version__}, its server {theirs}. Restart "
                "whichever is older after an update.",
                stacklevel=5,
            )

    # --- the address ---------------------------------------------------------------------------

    def _moved(self, lost: finding.Address) -> bool:
        """Take the new address when the server was restarted with another port or token."""
        with self._lock:
            if self.address != lost:
                return True
            found = finding.again(lost)
            if found is None or found == lost:
                return False
            self.address, self._http = found, self._open(found)
            return True

    def _open(self, address: finding.Address) -> httpx.Client:
        headers, cookies = {"Accept": "application/json"}, {}
        if address.token:
            headers["Authorization"] = f"token {address.token}"
        else:  # a server without a token asks for its double-submit cookie instead
            mark = secrets.token_hex(16)
            headers["X-XSRFToken"] = cookies["_xsrf"] = mark
        transport = httpx.HTTPTransport(uds=address.socket) if address.socket else None
        return httpx.Client(
            base_url=_over_socket(address.url) if address.socket else address.url,
            headers=headers,
            cookies=cookies,
            timeout=self._timeout_s,
            transport=transport,
            verify=self._verify,
            trust_env=not address.local,  # no proxy stands before a server on this machine
        )


def _over_socket(url: str) -> str:
    """`http+unix://…/base/` as an address that httpx takes; the socket says where it leads."""
    return "http://localhost/" + url.partition("://")[2].partition("/")[2]


def field_of(error: StudioApiError, below: str) -> StudioApiError:
    """The error as the caller of a function with keyword arguments knows it: `spec.lora.r` of the
    request is `lora.r` there."""
    prefix = f"{below}."
    if not error.field or not error.field.startswith(prefix):
        return error
    words = [
        text.replace(f"'{prefix}", "'") if text else None for text in (error.message, error.remedy)
    ]
    return StudioApiError.of(
        ErrorInfo(
            code=error.code,
            message=words[0] or "",
            field=error.field.removeprefix(prefix),
            remedy=words[1],
        )
    )
