"""Questions to the Hugging Face hub, each with a time limit: the library's own session has none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from ftstudio_ext.core.errors import Forbidden, StudioError, Unavailable

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # before the library is imported

TIMEOUT_S = 8.0
TOKENS_PAGE = "https://huggingface.co/settings/tokens"
WITHOUT_HUB = (
    "Check the network (and HF_ENDPOINT, HF_HUB_OFFLINE), or import from a local folder or file."
)


class Reply(NamedTuple):
    """The JSON of an answer, and where the next page begins."""

    json: Any
    cursor: str | None


def ask(path: str, token: str | bool | None = None, **query: Any) -> Reply:
    """GET an address below the hub's API. Raises the hub library's errors; of the network's, all
    become Unavailable."""
    from huggingface_hub import constants
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    wanted = {name: value for name, value in query.items() if value is not None}
    try:
        answer = get_session().get(
            f"{constants.ENDPOINT}/api/{path}",
            params=wanted,
            headers=build_hf_headers(token=token),
            timeout=TIMEOUT_S,
        )
        hf_raise_for_status(answer)
        return Reply(answer.json(), _cursor(answer.links))
    except HfHubHTTPError as error:
        if error.response is not None and error.response.status_code >= 500:
            raise _away(f"it answered HTTP {error.response.status_code}") from None
        raise
    except OfflineModeIsEnabled:
        raise _away("HF_HUB_OFFLINE is set") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise _away(f"it cannot be reached ({type(error).__name__})") from None
    except Exception as error:  # the library's HTTP client has error classes of its own
        if "http" not in type(error).__module__:
            raise
        raise _away(f"it cannot be reached ({type(error).__name__})") from None


def token_refused() -> StudioError:
    """The error for a token that the hub does not know."""
    return Forbidden(
        "The hub does not accept the server's token: it is wrong, was revoked, or has expired.",
        field="token",
        code="bad_token",
        remedy=f"Set a valid one as the hub token (from {TOKENS_PAGE}), or forget it.",
    )


def has_token() -> bool:
    """Whether the server has a token of the hub at all."""
    from huggingface_hub import get_token

    return get_token() is not None


def endpoint() -> str:
    """The hub's address, for links."""
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def _away(why: str) -> Unavailable:
    return Unavailable(f"The hub was asked, but {why}.", code="hub_unreachable", remedy=WITHOUT_HUB)


def _cursor(links: Mapping[Any, Any]) -> str | None:
    url = (links.get("next") or {}).get("url")
    found = parse_qs(urlsplit(url).query).get("cursor") if url else None
    return found[0] if found else None
