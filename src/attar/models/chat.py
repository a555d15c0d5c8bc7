"""The turns of a chat as a model's token ids, safe from what the turns contain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from attar.models.base import Message
from attar.models.tokenizers import HFTokenizer, well_formed

# Private-use characters (Unicode 15, 23.5): no template knows them, and no text needs them.
_OPEN, _CLOSE = "\uf8f0", "\uf8f1"


def chat_ids(hf_tokenizer: Any, tokenizer: HFTokenizer, turns: Sequence[Message]) -> list[int]:
    """Apply the chat template; a special token spelled out in a turn stays plain text.

    Without that, a retrieved document that contains "<|im_end|>" could end its turn and write
    the next one itself.

    Args:
        hf_tokenizer: a transformers tokenizer with a chat template.
        tokenizer: the same tokenizer, as Attar reads it.
        turns: the chat; the model's answer comes next.
    """
    contents = [well_formed(turn["content"]) for turn in turns]
    special = _special(hf_tokenizer)
    if special is None or not any(special.search(content) for content in contents):
        return tokenizer.ids(_render(hf_tokenizer, turns, contents))
    marks = [f"{_OPEN}{i}{_CLOSE}" for i in range(len(contents))]
    parts = re.split(f"{_OPEN}(\\d+){_CLOSE}", _render(hf_tokenizer, turns, marks))
    ids: list[int] = []
    for at, part in enumerate(parts):
        if at % 2:  # re.split puts what it captured, the number of a turn, at odd places
            ids += _plain_ids(tokenizer, special, contents[int(part)])
        else:
            ids += tokenizer.ids(part)
    return ids


def _plain_ids(tokenizer: HFTokenizer, special: re.Pattern[str], text: str) -> list[int]:
    """Ids of `text` in which no special token is seen: each is cut after its first character."""
    cuts = [0, *(match.start() + 1 for match in special.finditer(text)), len(text)]
    pieces = [text[a:b] for a, b in pairwise(cuts)]
    return [i for piece in pieces for i in tokenizer.ids(piece)]


def _special(hf_tokenizer: Any) -> re.Pattern[str] | None:
    added = hf_tokenizer.added_tokens_decoder.values()
    texts = [re.escape(token.content) for token in added if token.special]
    return re.compile(f"(?={'|'.join(texts)})") if texts else None  # overlapping ones too


def _render(hf_tokenizer: Any, turns: Sequence[Message], contents: list[str]) -> str:
    filled = [{"role": t["role"], "content": c} for t, c in zip(turns, contents, strict=True)]
    text: str = hf_tokenizer.apply_chat_template(filled, tokenize=False, add_generation_prompt=True)
    return text
