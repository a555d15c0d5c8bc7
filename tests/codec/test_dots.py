import numpy as np
import pytest

from attar.codec import parse
from attar.codec.base import decode_and_multiply
from attar.codec.dots import dot_groups, dot_groups_reference


@pytest.mark.parametrize("size", [1, 7, 16, 40])
@pytest.mark.parametrize("own", [True, False])
def test_the_kernel_is_the_reference(size, own):
    draw = np.random.default_rng(size)
    codes = draw.integers(0, 256, (33, 40)).astype(np.uint8)
    groups = -(-40 // size)
    scale, middle = draw.normal(size=(2, 33 if own else 1, groups)).astype(np.float32)
    query = draw.normal(size=40).astype(np.float32)
    out = np.empty(33, np.float32)
    dot_groups(query, codes, scale, middle, size, 127.5, out)
    want = dot_groups_reference(query, codes, scale, middle, size, 127.5)
    np.testing.assert_allclose(out, want, rtol=1e-4, atol=1e-3 * np.abs(want).max())


@pytest.mark.parametrize(
    "recipe",
    [
        "uniform(bits=8)",
        "uniform(bits=3, group=10)",
        "uniform(bits=4, group=16, symmetric=True)",
        "uniform(bits=2, group=0)",
        "uniform(bits=4, group=5, axis=0)",
        "center >> uniform(bits=5)",
    ],
)
@pytest.mark.parametrize("queries", [1, 3, 9])
def test_scores_are_those_of_decoded_rows(recipe, queries):
    draw = np.random.default_rng(3)
    x = (draw.normal(size=(300, 37)) * 3 + 1).astype(np.float32)
    fitted = parse(recipe).fit(x)
    codes = fitted.encode(x)
    q = draw.normal(size=(queries, 37)).astype(np.float32)
    want = decode_and_multiply(fitted.coder, fitted.state, q, codes.columns)
    np.testing.assert_allclose(fitted.score(q, codes), want, rtol=1e-4, atol=1e-3)
