"""The hub seen through the studio: search, what is in a repository, tokens; never a hanging request."""

from __future__ import annotations

import json
import time

import pytest

from ftstudio_ext.jobs.runtime import runtime_dir
from tests.workers.stand_in_hub import COMMIT, Hub, Repo, serving

SECRET = "hf_theSecretOfAda"
CONFIG = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 1_000,
    "hidden_size": 100, "num_hidden_layers": 2, "tie_word_embeddings": True,
}  # fmt: skip
MODEL = {"config.json": json.dumps(CONFIG).encode(), "model.safetensors": b"x" * 500, "tokenizer.json": b"{}"}  # fmt: skip
CARD = {
    "license": "cc-by-4.0",
    "configs": [{"config_name": "easy", "default": True, "data_files": "easy.csv"}, {"config_name": "hard", "data_files": [{"split": "test", "path": "h.csv"}]}],
    "dataset_info": {
        "config_name": "easy", "download_size": 1234,
        "features": [
            {"name": "sql", "dtype": "string"}, {"name": "label", "dtype": {"class_label": {"names": {"0": "a"}}}},
            {"name": "messages", "list": [{"name": "role", "dtype": "string"}]},
        ],
        "splits": [{"name": "train", "num_bytes": 99, "num_examples": 40}, {"name": "test", "num_bytes": 9, "num_examples": 2}],
    },
}  # fmt: skip


@pytest.fixture
def hub():
    made = Hub(
        models={f"org/llama-{n}": Repo(MODEL, parameters=n * 10**9, more={"downloads": n, "config": CONFIG}) for n in range(1, 6)},
        datasets={
            "org/sql": Repo({"README.md": b"# x"}, more={"cardData": CARD, "likes": 7, "tags": ["size_categories:n<1K", "text"]}),
            "org/terms": Repo({"train.csv": b"a\n1\n", "test.csv": b"a\n2\n"}, gated="manual", accepted={"ada"}),
        },
        accounts={SECRET: "ada", "hf_bob": "bob"},
    )  # fmt: skip
    made.models["org/gguf"] = Repo({"m.gguf": b"GGUF"}, parameters=1)
    with serving(made):
        yield made


@pytest.fixture(autouse=True)
def no_token_of_ours(monkeypatch):
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def jp_server_config(jp_server_config, hub, tmp_path):
    jp_server_config.FineTuningStudio.job_environment = {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_OFFLINE": "0",
    }
    return jp_server_config


async def test_search_goes_page_by_page(api):
    first = await api.get("hub/models", q="llama", limit=3)
    assert [model["id"] for model in first["items"]] == [f"org/llama-{n}" for n in (5, 4, 3)]
    rest = await api.get("hub/models", q="llama", limit=3, cursor=first["next"])
    assert [model["id"] for model in rest["items"]] == ["org/llama-2", "org/llama-1"]
    assert rest["next"] is None
    five = first["items"][0]
    assert five["memory"]["bits4"] < five["memory"]["bits8"] < five["memory"]["bits16"] == 10**10
    assert five["fit"]["bits16"] in ("fits", "tight", "too_large") and five["fit"]["free_bytes"]
    (sql,) = (await api.get("hub/datasets", q="sql"))["items"]
    facts = ("licence", "rows", "size_bytes", "size_category", "likes", "gated")
    assert [sql[name] for name in facts] == ["cc-by-4.0", 42, 1234, "n<1K", 7, None]
    assert (await api.refused("GET", "hub/models", limit=1000)).error["field"] == "limit"


async def test_the_slash_of_a_name_may_be_encoded(
    api, http_server_client, jp_base_url, jp_auth_header
):
    for address in ("org/sql", "org%2Fsql"):
        url = f"{jp_base_url}ftstudio/api/hub/datasets/{address}"
        answer = await http_server_client.fetch(url, headers=jp_auth_header)
        assert json.loads(answer.body)["id"] == "org/sql"


async def test_a_dataset_is_described_before_it_is_imported(api):
    info = await api.get("hub/datasets/org/sql")
    assert (info["id"], info["commit"], info["access"]) == ("org/sql", COMMIT, "granted")
    easy, hard = info["configs"]
    assert (easy["name"], easy["default"], easy["rows"], easy["download_bytes"]) == ("easy", True, 42, 1234)  # fmt: skip
    assert [(split["name"], split["rows"]) for split in easy["splits"]] == [("train", 40), ("test", 2)]  # fmt: skip
    assert [column["type"] for column in easy["columns"]] == ["string", "string", "list<struct<role: string>>"]  # fmt: skip
    assert [split["name"] for split in hard["splits"]] == ["test"]


async def test_a_model_is_described_before_it_is_imported(api, hub):
    info = await api.get("hub/models/org/llama-2")
    assert info["facts"]["architecture"] == "LlamaForCausalLM" and info["problem"] is None
    assert info["facts"]["size_bytes"] == 500 and info["memory"]["bits16"] == 4 * 10**9
    embeddings = 100 * 1_000
    assert info["memory"]["bits8"] == 2 * 10**9 + embeddings
    assert not [asked for asked in hub.asked if "model.safetensors" in asked]
    assert "GGUF" in (await api.get("hub/models/org/gguf"))["problem"]
    missing = await api.refused("GET", "hub/models/org/none")
    assert (missing.status, missing.error["field"]) == (404, "repo_id")
    wrong = await api.refused("GET", "hub/models/org/llama-2", revision="v9")
    assert (wrong.status, wrong.error["field"]) == (404, "revision")


async def test_a_missing_token_a_bad_one_and_terms_not_accepted_are_told_apart(api, tmp_path):
    info = await api.get("hub/datasets/org/terms")
    assert (info["access"], info["gated"]) == ("needs_token", "manual")
    assert "set a hub token" in info["access_note"]
    assert [split["name"] for split in info["configs"][0]["splits"]] == ["train", "test"]

    await api.ok("PUT", "hub/token", {"token": "hf_bob"})
    info = await api.get("hub/datasets/org/terms")
    assert info["access"] == "needs_licence" and "has not accepted" in info["access_note"]

    assert (await api.ok("PUT", "hub/token", {"token": SECRET}))["user"] == "ada"
    assert (await api.get("hub/datasets/org/terms"))["access"] == "granted"

    (tmp_path / "hf" / "token").write_text("hf_revoked")
    answer = await api.refused("GET", "hub/datasets/org/terms")
    assert (answer.status, answer.error["code"]) == (403, "bad_token")


async def test_a_token_is_tested_kept_by_the_hubs_library_and_forgotten(api, hub, tmp_path):
    assert (await api.get("hub/token"))["state"] == "absent"
    for bad in ("hf_wrong", "two words", "api_org_x", "ü", "hf_long" * 100):
        answer = await api.refused("PUT", "hub/token", {"token": bad})
        error = answer.error
        assert (answer.status, error["field"], error["code"]) == (422, "token", "bad_token")
        assert bad[:20] not in answer.raw.decode() and error["remedy"]
    assert (await api.get("hub/token"))["state"] == "absent", "bad tokens are not kept"

    kept = await api.ok("PUT", "hub/token", {"token": f" {SECRET}\n"})
    assert (kept["state"], kept["user"], kept["source"]) == ("valid", "ada", "file")
    assert (tmp_path / "hf" / "token").read_text() == SECRET
    assert (tmp_path / "hf" / "token").stat().st_mode & 0o077 == 0
    assert (await api.get("hub/token"))["state"] == "present"
    assert (await api.get("hub/token", test="true"))["user"] == "ada"
    assert (await api.get("status"))["hub_token"] == "present"
    for ours in (api.root, runtime_dir(api.root / "ftstudio")):
        files = [path for path in ours.rglob("*") if path.is_file()]
        assert not [path for path in files if SECRET in path.read_text(errors="ignore")]

    hub.accounts.clear()
    rejected = await api.get("hub/token", test="true")
    assert rejected["state"] == "rejected" and "revoked" in rejected["message"]
    assert (await api.request("DELETE", "hub/token")).status == 204
    assert (await api.get("hub/token"))["state"] == "absent"
    assert not [p for p in (tmp_path / "hf").rglob("*") if p.is_file() and SECRET in p.read_text()]


class TestWithATokenInTheEnvironment:
    @pytest.fixture(autouse=True)
    def no_token_of_ours(self, monkeypatch):
        monkeypatch.setenv("HF_TOKEN", SECRET)

    async def test_it_is_used_and_left_alone(self, api):
        state = await api.get("hub/token", test="true")
        assert (state["state"], state["source"], state["user"]) == ("valid", "environment", "ada")
        for verb, body in (("PUT", {"token": "hf_bob"}), ("DELETE", None)):
            answer = await api.refused(verb, "hub/token", body)
            assert answer.status == 409 and "HF_TOKEN" in answer.error["remedy"]


class TestWithoutAHub:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config.FineTuningStudio.job_environment["HF_ENDPOINT"] = "http://127.0.0.1:9"
        return jp_server_config

    async def test_everything_says_so_soon(self, api):
        started = time.monotonic()
        for path in ("hub/models", "hub/datasets", "hub/models/org/x", "hub/datasets/org/x"):
            answer = await api.refused("GET", path)
            assert (answer.status, answer.error["code"]) == (503, "hub_unreachable")
            assert "Check the network" in answer.error["remedy"]
        assert (await api.refused("PUT", "hub/token", {"token": "hf_x"})).status == 503
        assert time.monotonic() - started < 40
