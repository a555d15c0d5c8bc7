"""LLMLingua 0.2.2 as a process that answers lines of JSON; see `benchmarks.context_lingua`.

    python benchmarks/context_lingua_peer.py MODEL

It needs an older transformers than Attar does, and so an environment of its own: pip install
llmlingua==0.2.2 transformers==4.46.3 "numpy<2" torch. MODEL is a transformers folder that this
transformers can read. Each line of the input is {"method", "paragraphs", "question", "tokens"},
each line of the output {"text", "seconds"}; seconds are processor time of one thread.
"""

from __future__ import annotations

import json
import sys
import time
import types
import warnings
from typing import Any

# The settings that the README of LLMLingua gives for LongLLMLingua.
LONG = {
    "rank_method": "longllmlingua",
    "condition_in_question": "after_condition",
    "reorder_context": "sort",
    "dynamic_context_compression_ratio": 0.3,
    "condition_compare": True,
    "context_budget": "+100",
    "concate_question": False,
}


def open_compressor(folder: str) -> Any:
    """The compressor over a local model, on one thread."""
    import tiktoken
    import torch
    from transformers import AutoTokenizer

    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # It fetches a table of tiktoken's only to print how many dollars were saved.
    counter = types.SimpleNamespace(encode=lambda text: tokenizer(text).input_ids)
    tiktoken.encoding_for_model = lambda _: counter
    from llmlingua import PromptCompressor

    return PromptCompressor(folder, device_map="cpu")


def main() -> None:
    compressor = open_compressor(sys.argv[1])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        options: dict[str, Any] = {}
        if asked["method"] == "longllmlingua":
            options = {"question": asked["question"], **LONG}
        began = time.process_time()
        found = compressor.compress_prompt(
            list(asked["paragraphs"]), target_token=asked["tokens"], **options
        )
        seconds = time.process_time() - began
        print(json.dumps({"text": found["compressed_prompt"], "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
