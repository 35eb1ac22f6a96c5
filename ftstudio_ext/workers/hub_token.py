"""The hub's token, in the hub library's own place. It is never logged, and never answered."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import Conflict, InvalidInput, StudioError, Unavailable
from ftstudio_ext.schema.hub import HubToken

from .hub_api import TOKENS_PAGE, ask

LONGEST = 512
_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


def token_state(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `hub_token`: {test} → HubToken. Only a test asks the hub."""
    from huggingface_hub import get_token

    token = get_token()
    source = "environment" if _variable() else "file"
    if token is None:
        return HubToken(state="absent").model_dump()
    if not params.get("test"):
        return HubToken(state="present", source=source).model_dump()
    try:
        user = _whoami(token)
    except Unavailable as error:
        message = f"{error.message} {error.remedy or ''}".strip()
        state = HubToken(state="unreachable", source=source, message=message)
    except StudioError as error:
        message = f"{error.message} {error.remedy or ''}".strip()
        state = HubToken(state="rejected", source=source, message=message)
    else:
        state = HubToken(state="valid", user=user, source=source)
    return state.model_dump()


def set_token(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `set_hub_token`: {token} → HubToken. A token that the hub refuses is not kept."""
    import huggingface_hub

    _refuse_variable("set")
    token = str(params["token"]).strip()
    if (
        not 0 < len(token) <= LONGEST
        or any(character.isspace() for character in token)
        or not token.isascii()
    ):
        raise _bad("A token is one word, such as hf_…")
    if token.startswith("api_org"):
        raise _bad("This is a token of an organization; tokens of an account are needed.")
    user = _whoami(token)
    try:
        huggingface_hub.login(token=token, add_to_git_credential=False)
    except OSError as error:
        raise Unavailable(
            f"The token is good, but it cannot be kept: {error.strerror or 'no permission'}.",
            field="token",
            remedy=f"Check the permissions of {_place()}.",
        ) from None
    return HubToken(state="valid", user=user, source="file").model_dump()


def forget_token(_params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `forget_hub_token`: delete the token that is in use, in each of the library's files;
    other tokens stored there stay."""
    from huggingface_hub import get_token
    from huggingface_hub.utils import get_stored_tokens

    _refuse_variable("forgotten")
    token = get_token()
    if token is not None:
        names = [name for name, stored in get_stored_tokens().items() if stored == token]
        _forget(names)
    return HubToken(state="absent").model_dump()


def _forget(names: list[str]) -> None:
    from huggingface_hub import constants, logout

    for name in names:
        try:
            logout(name)
        except OSError:  # it also asks git, which may not be there
            continue
    Path(constants.HF_TOKEN_PATH).unlink(missing_ok=True)


def _whoami(token: str) -> str:
    """The account's name. Raises InvalidInput or Unavailable."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        answer = ask("whoami-v2", token=token).json
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else None
        if status == 429:
            raise Unavailable(
                "The hub does not test tokens so often.", remedy="Try again in a few minutes."
            ) from None
        raise _bad(
            "The hub does not accept this token: it is wrong, was revoked, or has expired."
        ) from None
    return str(answer.get("name") or answer.get("fullname") or "unknown")


def _bad(message: str) -> InvalidInput:
    return InvalidInput(
        message,
        field="token",
        code="bad_token",
        remedy=f"Make one at {TOKENS_PAGE} (the role “read” is enough) and paste it whole.",
    )


def _variable() -> str | None:
    return next((name for name in _VARIABLES if os.environ.get(name, "").strip()), None)


def _refuse_variable(what: str) -> None:
    if name := _variable():
        raise Conflict(
            f"The token is given by the variable {name} of the server, so it cannot be {what} here.",
            field="token",
            remedy=f"Start the server without {name}.",
        )


def _place() -> str:
    from huggingface_hub import constants

    return str(Path(constants.HF_TOKEN_PATH).parent)
