"""BERT's forward pass in numpy: a question's vector without waiting for torch to load.

Importing torch and sentence-transformers takes four seconds, and embedding one question five
milliseconds. So short inputs to plain BERT encoders (MiniLM among them) are computed here, from
the same weights; long ones, and every other architecture, go through sentence-transformers.

Source: Devlin et al., "BERT", 2019, with post-layer normalisation and the exact (erf) GELU.
"""

from __future__ import annotations

import json
import math
import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

Array = NDArray[np.float32]
# As sentence-transformers wrote them up to version 5, and as it does now.
_POOLINGS = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "mean": "mean",
    "cls": "cls",
}


@dataclass(frozen=True, eq=False)
class Bert:
    """A BERT encoder with mean or [CLS] pooling, read from a sentence-transformers folder.

    Args:
        weights: by their names in the checkpoint, mapped from the file.
        layers: how many.
        heads: attention heads in each.
        epsilon: of layer normalisation.
        pooling: "mean" over tokens, or "cls" for the first.
        frame: ids of the special tokens before and after a text.
    """

    weights: Mapping[str, Array]
    layers: int
    heads: int
    epsilon: float
    pooling: str
    frame: tuple[int, int]

    @classmethod
    def open(cls, folder: Path) -> Bert | None:
        """Read a folder; None if it is anything else than a plain BERT encoder."""
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
            pooling = json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
            vocabulary = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
            words = vocabulary["model"]["vocab"]
            frame = int(words["[CLS]"]), int(words["[SEP]"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        kinds = [str(m.get("type", "")).rsplit(".", 1)[-1] for m in modules]
        modes = [mode for mode, on in pooling.items() if mode.startswith("pooling_mode_") and on]
        modes += [str(pooling["pooling_mode"])] if "pooling_mode" in pooling else []
        plain = (
            config.get("model_type") == "bert"
            and config.get("hidden_act") == "gelu"
            and config.get("position_embedding_type", "absolute") == "absolute"
            and kinds in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
            and len(modes) == 1
            and modes[0] in _POOLINGS
            and (folder / "model.safetensors").is_file()
        )
        if not plain:
            return None
        weights = _mapped(folder / "model.safetensors")
        if "embeddings.word_embeddings.weight" not in weights:
            return None
        return cls(
            weights,
            int(config["num_hidden_layers"]),
            int(config["num_attention_heads"]),
            float(config["layer_norm_eps"]),
            _POOLINGS[modes[0]],
            frame,
        )

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return len(self.weights["embeddings.LayerNorm.weight"])

    def embed(self, ids: Sequence[int]) -> Array:
        """The pooled (d,) vector of one text, not normalised.

        Args:
            ids: its tokens, without special tokens; as many as the model reads.
        """
        first, last = self.frame
        x = self._embedded([first, *ids, last])
        for layer in range(self.layers):
            x = self._layer(f"encoder.layer.{layer}.", x)
        pooled: Array = x[0] if self.pooling == "cls" else x.mean(axis=0)
        return pooled

    def _embedded(self, ids: Sequence[int]) -> Array:
        weights = self.weights
        words = weights["embeddings.word_embeddings.weight"][list(ids)]
        positions = weights["embeddings.position_embeddings.weight"][: len(ids)]
        kind = weights["embeddings.token_type_embeddings.weight"][0]
        return self._normalised("embeddings.LayerNorm", words + positions + kind)

    def _layer(self, name: str, x: Array) -> Array:
        n, d = x.shape

        def heads(part: str) -> Array:
            y = self._linear(f"{name}attention.self.{part}", x)
            return y.reshape(n, self.heads, d // self.heads).transpose(1, 0, 2)

        q, k, v = heads("query"), heads("key"), heads("value")
        scores = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(d // self.heads))
        attention = np.exp(scores - scores.max(axis=-1, keepdims=True))
        attention /= attention.sum(axis=-1, keepdims=True)
        mixed = (attention @ v).transpose(1, 0, 2).reshape(n, d)
        mixed = self._linear(f"{name}attention.output.dense", mixed)
        x = self._normalised(f"{name}attention.output.LayerNorm", x + mixed)
        wide = gelu(self._linear(f"{name}intermediate.dense", x))
        return self._normalised(
            f"{name}output.LayerNorm", x + self._linear(f"{name}output.dense", wide)
        )

    def _linear(self, name: str, x: Array) -> Array:
        y: Array = x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return y

    def _normalised(self, name: str, x: Array) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(self.epsilon))
        y: Array = centred / scale * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return y


def _mapped(path: Path) -> dict[str, Array]:
    """The float32 tensors of a safetensors file, by name without "bert."; nothing is read yet.

    The library copies them into memory while the file's own pages stay there too.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    tensors = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            start, end = entry["data_offsets"]
            flat = np.frombuffer(data, "<f4", (end - start) // 4, 8 + size + start)
            tensors[name.removeprefix("bert.")] = np.require(
                flat.reshape(entry["shape"]), np.float32, "A"
            )
    return tensors


@kernel(nogil=True)
def gelu(x: Array) -> Array:
    """(n, d) x times the normal distribution function of x (Hendrycks and Gimpel, 2016)."""
    y = np.empty_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = 0.5 * x[i, j] * (1 + math.erf(math.sqrt(0.5) * x[i, j]))
    return y
