"""Errors of the hub's libraries in words, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio_ext.core.errors import Forbidden, InvalidInput, NotFound, StudioError, Unavailable

from .hub_api import endpoint, has_token, token_refused

REPO_FIELD = "source.repo_id"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def translate(
    error: Exception, repo_id: str, revision: str | None, kind: str, field: str = REPO_FIELD
) -> StudioError:
    """A hub library's error, or what lies behind it, in words. `kind` is model or dataset, `field`
    what the caller named it by."""
    from huggingface_hub import errors

    behind = [link for link in _chain(error) if isinstance(link, errors.HfHubHTTPError)]
    error = behind[0] if behind else error
    # `datasets` drops the hub's own error and keeps the words.
    if isinstance(error, errors.GatedRepoError) or "is a gated dataset" in str(error):
        return _gated(error, repo_id, kind, field)
    if isinstance(error, errors.RevisionNotFoundError):
        return NotFound(
            f"The {kind} {repo_id} has no revision {revision!r}.",
            field="source.revision" if field == REPO_FIELD else "revision",
            remedy="Name a branch, tag or commit of it, or leave the revision empty.",
        )
    missing = "doesn't exist on the Hub or cannot be accessed" in str(error)
    if isinstance(error, errors.RepositoryNotFoundError) or missing:
        return NotFound(
            f"The hub has no {kind} {repo_id}, or it is private.",
            field=field,
            remedy="Check the name (owner/name). For a private one, set a hub token that may "
            "read it.",
        )
    if isinstance(error, errors.HFValidationError):
        return InvalidInput(
            f"{repo_id!r} is not a name on the hub.", field=field, remedy="Write owner/name."
        )
    return _by_status(error, repo_id, kind, field)


def _gated(error: BaseException, repo_id: str, kind: str, field: str) -> StudioError:
    """A missing token, one that may not, and a licence not accepted need different remedies."""
    gated = f"The {kind} {repo_id} is gated: its authors ask for consent to their terms first."
    page = f"{endpoint()}/{'datasets/' if kind == 'dataset' else ''}{repo_id}"
    if not has_token():
        return Forbidden(
            gated,
            field=field,
            code="gated_no_token",
            remedy=f"Accept the terms on its page ({page}) with your account, then set a hub "
            "token of that account.",
        )
    if "fine-grained" in _said(error):
        return Forbidden(
            f"{gated} The server's token may not read gated repositories.",
            field=field,
            code="token_scope",
            remedy="Allow “access to public gated repositories” in the token's settings, or set a "
            "token with the role “read”.",
        )
    return Forbidden(
        f"{gated} The account of the server's token has not accepted them, or was not let in yet.",
        field=field,
        code="licence_not_accepted",
        remedy=f"Accept the terms on its page ({page}) with that account; some authors answer by "
        "hand, which may take days.",
    )


def _said(error: BaseException) -> str:
    """What the hub's answer said, with the library's words."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    return f"{headers.get('X-Error-Message', '')} {error}"


def _by_status(error: BaseException, repo_id: str, kind: str, field: str) -> StudioError:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status == 401 and "credentials" in _said(error):
        return token_refused()
    if status in (401, 403):
        return Forbidden(
            f"The hub refuses access to the {kind} {repo_id} (HTTP {status}).",
            field=field,
            remedy="Check the hub token, and what it may read.",
        )
    said = f"it answered HTTP {status}" if status else "it cannot be reached"
    return Unavailable(
        f"The hub was asked for the {kind} {repo_id}, but {said}.",
        field=field,
        remedy="Check the network (and HF_HUB_OFFLINE), or use a local "
        + ("folder." if kind == "model" else "file."),
    )
