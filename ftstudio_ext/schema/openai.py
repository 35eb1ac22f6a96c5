"""What OpenAI's clients send, as far as a local model can honour it. Fields that change nothing
here (user, metadata, …) are ignored; what would change the answer and cannot be done is refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from .comparisons import ChatMessage
from .inference import InferencePrecision

MOST_CHOICES = 64
UNSUPPORTED: dict[str, tuple[Any, ...]] = {
    "logprobs": (None, False, 0),
    "top_logprobs": (None, 0),
    "logit_bias": (None, {}),
    "tools": (None, []),
    "functions": (None, []),
    "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0),
    "suffix": (None, ""),
    "audio": (None,),
}
"""Fields that are refused, with the values that ask for nothing."""


class StreamOptions(BaseModel):
    """`include_usage`: a last piece with the numbers of tokens."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class OpenAIRequest(BaseModel):
    """What both kinds of requests share."""

    model_config = ConfigDict(extra="allow", protected_namespaces=(), allow_inf_nan=False)

    model: str = Field(min_length=1, description="Name of a base model or of an adapter.")
    temperature: float = Field(1.0, ge=0, le=5)
    top_p: float = Field(1.0, gt=0, le=1)
    n: int = Field(1, ge=1, le=MOST_CHOICES)
    stop: list[str] = Field([], max_length=16)
    seed: int | None = None
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()
    precision: InferencePrecision = "auto"

    @model_validator(mode="before")
    @classmethod
    def _absent(cls, data: Any) -> Any:
        """Clients send null for what they leave to the server."""
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data

    @field_validator("stop", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _possible(self) -> OpenAIRequest:
        given = self.model_extra or {}
        for name, harmless in UNSUPPORTED.items():
            if name in given and given[name] not in harmless:
                raise ValueError(f"'{name}' is not supported by this server; leave it out")
        wanted = given.get("response_format") or {}
        if isinstance(wanted, dict) and wanted.get("type", "text") != "text":
            raise ValueError("'response_format' may only be text; leave it out")
        return self


Tokens = Annotated[list[int], Field(min_length=1)]


class CompletionRequest(OpenAIRequest):
    """POST completions."""

    prompt: str | list[str] | Tokens | list[Tokens]
    max_tokens: int = Field(16, ge=1, le=65_536)
    echo: bool = False

    def prompts(self) -> list[str | list[int]]:
        """Each prompt, as text or as tokens."""
        given = self.prompt
        if isinstance(given, str) or (given and isinstance(given[0], int)):
            return [given]  # type: ignore[list-item]
        return list(given)  # type: ignore[arg-type]


class ChatRequest(OpenAIRequest):
    """POST chat/completions."""

    messages: list[ChatMessage] = Field(min_length=1, max_length=500)
    max_tokens: int | None = Field(None, ge=1, le=65_536)
    max_completion_tokens: int | None = Field(None, ge=1, le=65_536)

    @field_validator("messages", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return [_message(one) for one in value] if isinstance(value, list) else value


def _message(given: Any) -> Any:
    """OpenAI's message as ours: parts of text joined, `developer` as `system`."""
    if not isinstance(given, dict):
        return given
    content: Any = given.get("content")
    if isinstance(content, list):
        kinds: set[Literal["text"] | str] = {
            str(part.get("type")) if isinstance(part, dict) else "?" for part in content
        }
        if kinds - {"text"}:
            raise ValueError(f"messages may hold text only, not {', '.join(sorted(kinds))}")
        content = "".join(str(part.get("text", "")) for part in content)
    role = "system" if given.get("role") == "developer" else given.get("role")
    return {"role": role, "content": "" if content is None else content}
