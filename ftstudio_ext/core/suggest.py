"""Which column is the answer, which are the question, and templates to match.

Names decide first (people call things `prompt` and `response`), then what the sampled rows
hold. Every choice is given its reason in words, so that one can disagree.
"""

from __future__ import annotations

from ftstudio_ext.schema.datasets import Column
from ftstudio_ext.schema.prompts import Suggestion

from .answers import look as look_at_answers
from .columns import Facts, look
from .errors import InvalidInput
from .recognise import recognise
from .suggest_formats import suggest_for
from .templates import text_of

# Names of answers, the likeliest first; a column matches by its whole name or its last word.
OUTPUTS = (
    "completion", "response", "output", "answer", "answers", "sql", "chosen", "target",
    "targets", "label", "labels", "summary", "highlights", "translation", "expected",
    "solution", "reply", "assistant", "generation", "result", "code", "cypher", "query",
    "sentiment", "category", "class", "intent", "topic", "headline", "title", "gold", "reference",
)  # fmt: skip

# Names of inputs, with the heading of their section; the order is that of the sections.
INPUTS = {
    "system": "System", "persona": "Persona", "instruction": "Instruction",
    "instructions": "Instruction", "task": "Task",
    "schema": "Schema", "ddl": "Schema", "context": "Context", "passage": "Passage",
    "document": "Document", "article": "Article", "dialogue": "Dialogue",
    "conversation": "Conversation", "history": "History", "evidence": "Evidence",
    "premise": "Premise", "hypothesis": "Hypothesis", "title": "Title", "source": "Source",
    "text": "Text", "sentence": "Sentence", "sentence1": "Sentence 1", "sentence2": "Sentence 2",
    "review": "Review", "content": "Content", "body": "Text", "abstract": "Abstract",
    "message": "Message", "utterance": "Utterance", "tweet": "Tweet", "comment": "Comment",
    "code": "Code", "prompt": "Prompt", "problem": "Problem", "question": "Question",
    "query": "Query", "user": "User", "human": "User", "input": "Input", "inputs": "Input",
    "choices": "Choices", "options": "Options",
}  # fmt: skip

# Names of what describes a row and belongs in neither text.
NOTES = frozenset({
    "explanation", "description", "rationale", "reasoning", "complexity", "difficulty", "level",
    "type", "domain", "split", "url", "link", "license", "date", "time", "timestamp",
    "created", "updated", "author", "score", "rating", "votes", "rejected", "metadata", "meta",
    "index", "tokens", "length", "hash", "language",
})  # fmt: skip
CONVERSATIONS = frozenset({"messages", "conversations", "conversation", "chat"})


def suggest(columns: list[Column], sample_rows: list[dict]) -> Suggestion:
    """Templates for the columns, judged by name and by the sampled rows.

    Raises InvalidInput when no column could be an answer.
    """
    found = recognise(columns, sample_rows)
    made = suggest_for(found, columns) if found else None
    made = made or _by_looks(columns, sample_rows)
    made.recognised = found
    _add_task(made, sample_rows)
    return made


def _add_task(made: Suggestion, rows: list[dict]) -> None:
    """How answers are to be judged, where their look says it plainly."""
    answers = look_at_answers([text_of(row.get(made.output_column)) for row in rows])
    if answers.kind in ("sql", "json", "label"):
        made.task = answers.kind
        words = {"sql": "SQL", "json": "JSON", "label": "labels"}[answers.kind]
        made.reasons.append(f"Answers are judged as {words}: {answers.reason}.")


def _by_looks(columns: list[Column], sample_rows: list[dict]) -> Suggestion:
    facts = [look(column, sample_rows) for column in columns]
    _refuse_conversations(facts)
    output, why = _output(facts)
    inputs = _inputs(facts, output)
    whole = [fact for fact in inputs if _is_whole(fact, inputs, output, sample_rows)]
    inputs = [fact for fact in inputs if fact not in whole]
    reasons = [why, *_input_reasons(inputs, output)]
    left_out = [fact for fact in facts if fact is not output and fact not in inputs]
    for fact in left_out:
        reason = "it holds the answer" if fact in whole else _left_out(fact, facts)
        reasons.append(f"`{fact.name}` is left out: {reason}.")
    prompt = _prompt_template(inputs, output, sample_rows)
    return Suggestion(
        prompt_template=prompt,
        completion_template=f"{{{output.name}}}",
        input_columns=[fact.name for fact in inputs],
        output_column=output.name,
        ignored_columns=[fact.name for fact in left_out],
        reasons=reasons,
    )


def _refuse_conversations(facts: list[Facts]) -> None:
    usable = [fact for fact in facts if fact.usable]
    talks = [fact for fact in usable if fact.kind == "nested" and fact.last_word in CONVERSATIONS]
    if talks and not any(_rank(fact) is not None for fact in usable if fact.kind != "nested"):
        raise InvalidInput(
            f"The dataset holds whole conversations in column `{talks[0].name}`; templates work "
            "on columns of text.",
            field="dataset",
            remedy="Import it again and have columns of text made from the conversations (the "
            f"option `conversation` with the column `{talks[0].name}`).",
        )


def _rank(fact: Facts) -> int | None:
    """How likely the name makes this column the answer; 0 is likeliest, None is not at all."""
    folded = "_".join(fact.words)
    for whole, weight in ((folded, 0), (fact.last_word, 100)):
        if whole in OUTPUTS:
            return weight + OUTPUTS.index(whole)
    return None


def _output(facts: list[Facts]) -> tuple[Facts, str]:
    usable = [fact for fact in facts if fact.usable and not fact.identifier]
    named = [fact for fact in usable if _rank(fact) is not None]
    if len(usable) > 1 and named:
        best = min(named, key=lambda fact: (fact.constant, _rank(fact)))
        return best, f"`{best.name}` is the completion: its name says that it is the answer."
    texts = [
        fact
        for fact in usable
        if fact.kind == "text" and not fact.constant and fact.last_word not in NOTES
    ]
    if not texts:
        raise InvalidInput(
            "No column looks like an answer to learn: there is none of text that differs "
            "from row to row.",
            field="dataset",
            remedy="Write the completion template yourself, from the columns you have.",
        )
    if len(texts) == 1:
        return texts[0], f"`{texts[0].name}` is the completion: the only column of text."
    others = [fact for fact in texts if fact.last_word not in INPUTS] or texts
    best = others[-1]
    return best, (
        f"`{best.name}` is the completion by guess: no column has the name of an answer, "
        "and it is the last one of text."
    )


def _inputs(facts: list[Facts], output: Facts) -> list[Facts]:
    rest = [
        fact
        for fact in facts
        if fact is not output and fact.usable and not fact.identifier and not fact.constant
    ]
    named = [fact for fact in rest if _role(fact) is not None and fact.last_word not in NOTES]
    schemas = [fact for fact in named if fact.sql_schema]
    if named:
        return [fact for fact in named if fact not in schemas[1:]]
    return [
        fact
        for fact in rest
        if fact.kind == "text"
        and not fact.label
        and fact.last_word not in NOTES
        and _rank(fact) is None
    ]


def _is_whole(fact: Facts, inputs: list[Facts], output: Facts, rows: list[dict]) -> bool:
    """Whether the column is the whole example, question and answer in one text."""
    others = [other for other in inputs if other is not fact]

    def holds(row: dict) -> bool:
        text, answer = text_of(row.get(fact.name)), text_of(row.get(output.name))
        asked = [text_of(row.get(other.name)) for other in others]
        return answer in text and any(ask.strip() and ask in text for ask in asked)

    answered = [row for row in rows if text_of(row.get(output.name)).strip()]
    return bool(answered) and sum(map(holds, answered)) > 0.8 * len(answered)


def _role(fact: Facts) -> str | None:
    """The key of INPUTS that the column's name fits."""
    for word in ("".join(fact.words), fact.last_word):
        if word in INPUTS:
            return word
    return None


def _input_reasons(inputs: list[Facts], output: Facts) -> list[str]:
    if not inputs:
        return ["No column is left for the prompt, so it is a heading only."]
    reasons = []
    for fact in inputs:
        if _role(fact) is None:
            reason = "the text that is left"
        elif fact.sql_schema:
            reason = "tables and columns that the answer needs"
        else:
            reason = "its name says that it is an input"
        if fact.empty_share > 0.05:
            reason += f" (empty in {fact.empty_share:.0%} of the sampled rows)"
        reasons.append(f"`{fact.name}` is in the prompt: {reason}.")
    if output.kind == "nested":
        reasons.append(f"`{output.name}` holds lists or objects: the model learns their JSON.")
    if output.kind == "number" and output.label:
        reasons.append(f"`{output.name}` holds numbers as labels: words would be easier to learn.")
    return reasons


def _left_out(fact: Facts, facts: list[Facts]) -> str:
    described = "_".join(fact.words[:-1])
    if not fact.usable:
        return fact.unusable or "it cannot be used in a template"
    if fact.identifier:
        return "it identifies rows and says nothing about the answer"
    if fact.constant:
        return "it is the same in every sampled row"
    if fact.last_word in ("explanation", "rationale", "reasoning"):
        return "it explains the answer, and would give it away"
    if described and any("_".join(other.words) == described for other in facts):
        return f"it only describes `{described}`"
    if fact.sql_schema:
        return "another column has the tables already"
    if fact.last_word == "rejected":
        return "it is an answer that one should not learn"
    if fact.label or fact.last_word in NOTES:
        return "it labels the row; at use nobody would know it"
    if _rank(fact) is not None:
        return "it looks like another answer"
    return "the other columns look sufficient; add it by hand if the answer depends on it"


def _prompt_template(inputs: list[Facts], output: Facts, rows: list[dict]) -> str:
    """Sections with headings, the answer's heading last, and a line break as the last character:
    never a space, which many tokenizers join with the word that follows."""
    if len(inputs) == 1 and inputs[0].last_word in ("prompt", "inputs"):
        return _ready_made(inputs[0], output, rows)
    roles = list(INPUTS)
    ordered = sorted(inputs, key=lambda fact: roles.index(_role(fact) or "text"))
    headings = [_heading(fact, output) for fact in ordered]
    sections = [
        f"### {heading if headings.count(heading) == 1 else _plain(fact)}:\n{{{fact.name}}}"
        for fact, heading in zip(ordered, headings, strict=True)
    ]
    answer = "Response" if "instruction" in map(_role, inputs) else _answer_heading(output)
    return "\n\n".join([*sections, f"### {answer}:\n"])


def _ready_made(prompt: Facts, output: Facts, rows: list[dict]) -> str:
    """A column that is a prompt already is used as it is, with a line break where neither text
    brings its own."""
    pairs = [(text_of(row.get(prompt.name)), text_of(row.get(output.name))) for row in rows]
    if output.last_word == "sql" or output.label:
        return f"### {_heading(prompt, output)}:\n{{{prompt.name}}}\n\n### {_answer_heading(output)}:\n"
    joined = [ask[-1:].isspace() or answer[:1].isspace() for ask, answer in pairs if ask and answer]
    apart = joined and sum(joined) > len(joined) / 2
    return f"{{{prompt.name}}}" if apart else f"{{{prompt.name}}}\n"


def _heading(fact: Facts, output: Facts) -> str:
    if fact.sql_schema:
        return "Schema"
    role = _role(fact)
    if role == "prompt" and output.last_word in ("sql", "query", "cypher"):
        return "Question"
    words = [word for word in fact.words if word not in output.words] or fact.words
    if role is not None and len(words) == 1:
        return INPUTS[role]
    return " ".join(words).capitalize()


def _plain(fact: Facts) -> str:
    return " ".join(fact.words).capitalize()


def _answer_heading(output: Facts) -> str:
    if output.last_word == "sql" or output.sql:
        return "SQL"
    if output.last_word in ("answer", "answers"):
        return "Answer"
    if output.last_word in ("chosen", "assistant", "reply", "completion"):
        return "Response"
    return " ".join(output.words).capitalize() or "Response"
