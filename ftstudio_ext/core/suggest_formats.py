"""Templates for formats whose columns have a fixed meaning, so that nothing has to be guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ftstudio_ext.schema.datasets import Column, Recognised
from ftstudio_ext.schema.prompts import Message, Suggestion


def suggest_for(found: Recognised, columns: Sequence[Column]) -> Suggestion | None:
    """The templates of a recognised format; None where the columns have to be looked at."""
    maker = _MAKERS.get(found.format)
    if maker is None:
        return None
    made = maker(found.roles)
    used = {*made.input_columns, made.output_column}
    made.ignored_columns = [column.name for column in columns if column.name not in used]
    made.reasons += [
        f"`{name}` is left out: it is no part of the format {found.label}."
        for name in made.ignored_columns
    ]
    return made


def _alpaca(roles: dict[str, str]) -> Suggestion:
    """The input is optional in this format: its section stands only where there is one."""
    instruction, given, output = roles["instruction"], roles["input"], roles["output"]
    return Suggestion(
        prompt_template=f"### Instruction:\n{{{instruction}}}\n\n"
        f"{{?{given}}}### Input:\n{{{given}}}\n\n{{/{given}}}### Response:\n",
        completion_template=f"{{{output}}}",
        input_columns=[instruction, given],
        output_column=output,
        ignored_columns=[],
        reasons=[
            f"`{output}` is the completion: the format is Alpaca's.",
            f"`{instruction}` is in the prompt, and `{given}` where a row has one.",
        ],
    )


def _turns(roles: dict[str, str]) -> Suggestion:
    """Text and chat alike; earlier turns are part of the user's message."""
    user, assistant = roles["user"], roles["assistant"]
    system, history = roles.get("system"), roles.get("history")
    asked = f"{{?{history}}}{{{history}}}\n\n{{/{history}}}{{{user}}}" if history else f"{{{user}}}"
    messages = [
        Message(role="user", content=asked),
        Message(role="assistant", content=f"{{{assistant}}}"),
    ]
    head = ""
    if system:
        messages.insert(0, Message(role="system", content=f"{{{system}}}"))
        head = f"{{?{system}}}### System:\n{{{system}}}\n\n{{/{system}}}"
    if history:
        head += f"{{?{history}}}### Conversation:\n{{{history}}}\n\n{{/{history}}}"
    return Suggestion(
        mode="chat",
        messages=messages,
        prompt_template=f"{head}### User:\n{{{user}}}\n\n### Assistant:\n",
        completion_template=f"{{{assistant}}}",
        input_columns=[name for name in (system, history, user) if name],
        output_column=assistant,
        ignored_columns=[],
        reasons=[
            f"`{assistant}` is the completion: the answer in a conversation.",
            f"`{user}` is the prompt" + (", after what was said before." if history else "."),
            "Chat mode writes it as the model's own chat template does; text mode with headings "
            "suits models that have none.",
        ],
    )


_MAKERS: dict[str, Callable[[dict[str, str]], Suggestion]] = {"alpaca": _alpaca, "turns": _turns}
