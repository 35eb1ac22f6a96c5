"""A corpus of bad inputs, sent as people send them: each is a 4xx with field and remedy, and leaves
nothing behind. Files, archives, changes, templates, and models with their tokenizers."""

from __future__ import annotations

import io
import json
import shutil
import stat
import zipfile

import pytest

from tests.workers.test_data_broken_files import CORPUS
from tests.workers.test_data_models import CONFIG, SPOILED, cut, instead, safetensors, without

from .conftest import write_colours

GOOD = b"a,b\n1,x\n"


def packed(*members, link=None, flag=0) -> bytes:
    """A zip of (name, data); `link` is the name of one that is a symbolic link."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            if name == link:
                member.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(member, data)
    raw = bytearray(buffer.getvalue())
    if flag:  # in the local header and in the directory: encrypted
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            raw[raw.index(mark) + at] |= flag
    return bytes(raw)


def damaged() -> bytes:
    raw = bytearray(packed(("train.csv", b"a,b\n" + b"1,x\n" * 500)))
    raw[45] ^= 0xFF
    return bytes(raw)


# (what the zip is, words of its message, words of its remedy)
ARCHIVES = {
    "no zip at all": (b"PK\x03\x04 hello", "cannot be read as a zip", "pack it again"),
    "cut short": (packed(("a.csv", GOOD))[:-10], "cannot be read as a zip", "pack it again"),
    "damaged inside": (damaged(), "cannot be read as a zip", "pack it again"),
    "empty": (packed(), "holds no files of data", ".csv"),
    "leads out": (packed(("../../evil.csv", GOOD)), "leads out of the archive", "Pack the files anew"),
    "absolute": (packed(("/etc/evil.csv", GOOD)), "leads out of the archive", "Pack the files anew"),
    "other separators": (packed(("..\\evil.csv", GOOD)), "leads out", "Pack the files anew"),
    "a drive": (packed(("C:/evil.csv", GOOD)), "leads out", "Pack the files anew"),
    "a link": (packed(("a.csv", b"/etc/passwd"), link="a.csv"), "a symbolic link", "Pack the file itself"),
    "a password": (packed(("a.csv", GOOD), flag=1), "protected by a password", "Unpack it yourself"),
    "larger than allowed": (packed(("a.csv", GOOD + b"2,y\n" * 300_000)), "unpacks to", "max_import_bytes"),
    "no data": (packed(("readme.txt", b"hello"), ("x.png", b"png")), "no files of data", "whose names end in"),
    "two formats": (packed(("a.csv", GOOD), ("b.jsonl", b'{"a": 1}\n')), "several formats", "format"),
    "half the splits": (packed(("train.csv", GOOD), ("more.csv", GOOD)), "more.csv does not", "{split: [path"),
    "other columns": (packed(("train.csv", GOOD), ("test.csv", b"a\n1\n")), "lacks", "same columns"),
    "a zip in a zip": (packed(("a.csv", packed(("b.csv", GOOD)))), "zip archive", "unzip"),
    "broken file inside": (packed(("a.csv", b"a,b\n1\n")), "row 1 (line 2)", "all columns"),
}  # fmt: skip

TALK = '{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "n": 1}\n'
FILES = {
    "talk.jsonl": TALK,
    "half.jsonl": TALK + '{"messages": [{"name": "user", "body": "q"}], "n": 2}\n',
    "asked.jsonl": '{"messages": [{"role": "user", "content": "q"}]}\n',
    "good.csv": GOOD.decode(),
    "other.csv": "a,c\n1,x\n",
}
# (fields of the request, field of the error, words of message)
CHANGES = {
    "no such column": ("good.csv", {"columns": {"aa": "x"}}, "columns.aa", "no column 'aa'"),
    "blank name": ("good.csv", {"columns": {"a": " "}}, "columns.a", "cannot be the name"),
    "endless name": ("good.csv", {"columns": {"a": "x" * 300}}, "columns.a", "cannot be the name"),
    "two of one name": ("good.csv", {"columns": {"a": "b"}}, "columns.a", "both be called 'b'"),
    "two renamed to one": ("good.csv", {"columns": {"a": "z", "b": "z"}}, "columns.b", "both be"),
    "nothing left": ("good.csv", {"columns": {"a": None, "b": None}}, "columns", "All columns"),
    "names are numbers": ("good.csv", {"columns": {"a": 5}}, "columns.a", ""),
    "no conversation column": ("talk.jsonl", {"conversation": {"column": "mesages"}}, "conversation.column", "'mesages'"),
    "not a conversation": ("talk.jsonl", {"conversation": {"column": "n"}}, "conversation.column", "no list of messages"),
    "a message without a role": ("half.jsonl", {"conversation": {"column": "messages"}}, "conversation.column", "no list of"),
    "nobody answers": ("asked.jsonl", {"conversation": {"column": "messages"}}, "source.path", "a question and an answer"),
    "unknown answers": ("talk.jsonl", {"conversation": {"column": "messages", "answers": "all"}}, "conversation.answers", ""),
    "renamed while flattened": ("talk.jsonl", {"conversation": {"column": "messages"}, "columns": {"messages": "x"}}, "columns.messages", "no column"),
    "delete what is no upload": ("good.csv", {"delete_source": True}, "delete_source", "no upload"),
    "two files of one split differ": ({"train": ["good.csv", "other.csv"]}, {}, "source.path", "the file 'other.csv' lacks"),
    "split name": ({"a/b": "good.csv"}, {}, "source.path", "name of a split"),
    "split without files": ({"train": []}, {}, "source.path", "names no file"),
    "one of several is missing": ({"train": ["good.csv", "no.csv"]}, {}, "source.path.train.1", "no file"),
}  # fmt: skip

OK = {"prompt_template": "{question}", "completion_template": "{answer}"}


def chat(*messages, **more):
    return {"mode": "chat", "messages": [{"role": r, "content": c} for r, c in messages], **more}


TEMPLATES = {
    "no such column": ({**OK, "prompt_template": "{qestion}"}, "prompt_template"),
    "never closed": ({**OK, "prompt_template": "{question"}, "prompt_template"),
    "never opened": ({**OK, "prompt_template": "question}"}, "prompt_template"),
    "no name": ({**OK, "prompt_template": "{}"}, "prompt_template"),
    "an attribute": ({**OK, "prompt_template": "{question.__class__}"}, "prompt_template"),
    "an index": ({**OK, "completion_template": "{answer[0]}"}, "completion_template"),
    "a format": ({**OK, "completion_template": "{answer:>99999999999}"}, "completion_template"),
    "a conversion": ({**OK, "completion_template": "{answer!r}"}, "completion_template"),
    "empty": ({**OK, "completion_template": ""}, "completion_template"),
    "missing": ({"prompt_template": "{question}"}, "completion_template"),
    "a section left open": ({**OK, "prompt_template": "{?question}x"}, "prompt_template"),
    "a number": ({**OK, "prompt_template": 5}, "prompt_template"),
    "chat without messages": (chat(), "messages"),
    "chat without an answer": (chat(("user", "{question}")), "messages"),
    "chat with an unknown role": (chat(("boss", "{question}"), ("assistant", "{answer}")), "messages.0.role"),
    "chat with an unknown column": (chat(("user", "{q}"), ("assistant", "{answer}")), "messages.0.content"),
    "no such mode": ({**OK, "mode": "song"}, "mode"),
}  # fmt: skip

MODELS = {
    **{name: spoil for name, (spoil, _, _) in SPOILED.items()},
    "tokenizer.json is no JSON": instead("tokenizer.json", b"{"),
    "tokenizer.json is a list": instead("tokenizer.json", b"[]"),
    "tokenizer.json is not UTF-8": instead("tokenizer.json", b'{"\xff": 1}'),
    "special tokens are no JSON": instead("special_tokens_map.json", b"<s>"),
    "tokenizer settings are a list": instead("tokenizer_config.json", b"[1]"),
    "config nested without end": instead("config.json", b'{"a":' * 200_000),
    "config half a character": instead("config.json", b'{"model_type": "\\ud800"}'),
    "index names missing files": instead(
        "model.safetensors.index.json", b'{"weight_map": {"a": "model-2.safetensors"}}'
    ),
    "index names nothing": instead("model.safetensors.index.json", b"{}"),
    "weights cut within the header": lambda folder: cut_to(folder, 20),
    "everything but the tokenizer": without("tokenizer.json", "tokenizer_config.json"),
    "weights cut by a byte": lambda folder: cut(folder),
}


def cut_to(folder, size):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])


class TestCorpus:
    """Each test is one server and many requests; `wrong` has those that were not refused well."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config.FineTuningStudio.max_import_bytes = 10_000_000
        jp_server_config.FineTuningStudio.import_job_bytes = 10_000_001
        return jp_server_config

    async def refused(self, api, wrong, case, path, body, field=None, *says):
        """One request; `field` may be several names, of which one has to be right."""
        answer = await api.request("POST", path, body)
        fields = (field,) if isinstance(field, str) else field
        good = 400 <= answer.status < 500 and set(answer.json) == {"error"}
        error = answer.json.get("error") or {}
        good = good and error["message"] and error["remedy"] and error["field"] in fields
        said = f"{error.get('message')} {error.get('remedy')}"
        good = good and len(error["message"]) <= 1000 and "Traceback" not in said
        if not good or any(words not in said for words in says):
            wrong.append((case, answer.status, answer.raw[:300]))

    def check(self, api, wrong, count):
        assert not wrong, "\n".join(map(str, wrong))
        datasets = api.root / "ftstudio" / "datasets"
        left = [path.name for path in datasets.iterdir()] if datasets.exists() else []
        assert len(left) == count, left

    async def test_files(self, api):
        assert len(CORPUS) > 60
        wrong = []
        for number, (case, broken) in enumerate(CORPUS.items()):
            folder = api.root / f"case{number}"
            folder.mkdir()
            (folder / broken.file).write_bytes(broken.data)
            shown = f"case{number}/{broken.file}"
            source = {"source": "file", "path": shown, "format": broken.format}
            says = () if case == "zip" else broken.says  # its file has no fault: a zip is a folder
            if case == "zip":
                continue
            await self.refused(
                api, wrong, case, "datasets", {"source": source}, "source.path", *says
            )
        self.check(api, wrong, 0)
        assert (await api.get("datasets"))["total"] == 0

    async def test_archives(self, api):
        wrong = []
        limit = {"larger than allowed": 1_000_000}
        for number, (case, (data, says, remedy)) in enumerate(ARCHIVES.items()):
            path = api.root / f"case{number}.zip"
            path.write_bytes(data)
            studio = await api.serverapp.web_app.settings["ftstudio"].studio()
            object.__setattr__(studio.settings, "max_import_bytes", limit.get(case, 10_000_000))
            body = {"source": {"source": "directory", "path": path.name}}
            fields = ("source.path", "source.format")
            await self.refused(api, wrong, case, "datasets", body, fields, says, remedy)
            if case not in ("broken file inside", "damaged inside"):  # seen by reading all of it
                await self.refused(api, wrong, f"peek {case}", "datasets/peek", body, fields, says)
        self.check(api, wrong, 0)
        evil = [path for path in api.root.parent.rglob("evil.csv")]
        assert evil == []

    async def test_changes(self, api):
        for name, text in FILES.items():
            (api.root / name).write_text(text)
        wrong = []
        for case, (path, more, field, says) in CHANGES.items():
            body = {"source": {"source": "file", "path": path}, **more}
            await self.refused(api, wrong, case, "datasets", body, field, says)
        self.check(api, wrong, 0)

    async def test_templates(self, api, colours):
        wrong = []
        for case, (body, field) in TEMPLATES.items():
            sent = {"name": "p", "dataset": "colours", **body}
            await self.refused(api, wrong, case, "prompts", sent, field)
        self.check(api, wrong, 1)
        assert (await api.get("prompts"))["total"] == 0

    async def test_models_and_tokenizers(self, api):
        good = api.root / "good"
        good.mkdir()
        (good / "config.json").write_text(json.dumps(CONFIG))
        (good / "tokenizer.json").write_text('{"added_tokens": []}')
        (good / "tokenizer_config.json").write_text("{}")
        safetensors(good / "model.safetensors", {"a": ("BF16", [100, 8])})
        wrong = []
        for number, (case, spoil) in enumerate(MODELS.items()):
            folder = api.root / f"case{number}" / "tiny"
            shutil.copytree(good, folder)
            spoil(folder)
            body = {"source": {"source": "directory", "path": f"case{number}/tiny"}}
            await self.refused(api, wrong, case, "models", body, "source.path")
        assert not wrong, "\n".join(map(str, wrong))
        assert (await api.get("models"))["total"] == 0

    async def test_a_folder_with_a_link_to_outside(self, api, tmp_path):
        write_colours(tmp_path / "secret" / "x.jsonl")
        folder = api.root / "data"
        folder.mkdir()
        (folder / "train.jsonl").symlink_to(tmp_path / "secret" / "x.jsonl")
        body = {"source": {"source": "directory", "path": "data"}}
        for path in ("datasets", "datasets/peek"):
            answer = await api.refused("POST", path, body)
            assert (answer.status, answer.error["field"]) == (403, "source.path")
