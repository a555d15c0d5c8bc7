"""What every recipe promises, whatever it is made of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.codec import Encoded, Fitted, parse
from attar.errors import AttarError, DamagedPackError, UsageError

RECIPES = [
    "Hadamard() >> Uniform()",
    "Hadamard(seed=3) >> Uniform(bits=3, symmetric=True)",
    "Uniform(bits=2, group=5)",
    "Uniform(bits=3, group=0)",
    "Hadamard() >> Uniform(bits=8, group=0) >> Entropy(bits=2.5)",
    "Uniform(group=3, axis=0)",
    "Unit(length=True) >> Center() >> Hadamard() >> Uniform() + Uniform(bits=2)",
    "Unit() >> Truncate(dim=3) >> Uniform(bits=8)",
    "Truncate(dim=3)",
    "Float(bits=16)",
    "Hadamard() >> Uniform(symmetric=True) >> Entropy()",
    "Uniform(bits=5) >> Entropy(per='dimension')",
    "PCA() >> LloydMax(bits=3)",
    "Unit() >> PCA(dim=3) >> Waterfill(bits=4)",
    "Waterfill(bits=2.5, tilt=0)",
    "Sign()",
    "Hadamard() >> Sign(unbiased=True) + Uniform(bits=2)",
    "Outliers(share=0.2) + Uniform(bits=2) + LowRank(rank=2)",
    "TopK()",
    "Float(bits=8, group=5)",
    "Float(bits=4)",
    "Rotation(parts=3, rounds=1) >> ProductQuantizer(parts=3, bits=4)",
    "ProductQuantizer(parts=2)",
    "ResidualQuantizer(stages=2)",
    "AdditiveQuantizer(stages=2, rounds=1)",
    "Hadamard() >> Lattice()",
    "Trellis(states=6)",
    "PCA(dim=3) >> TrellisFill(bits=4, states=8)",
    "TrellisFill(bits=2.5, states=9, tilt=0)",
]

CLOSE = {"rtol": 1e-5, "atol": 1e-5}  # a product of matrices may sum in another order


def rows(n, dim, seed=0):
    return np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)


@pytest.mark.parametrize("text", RECIPES)
def test_the_text_of_a_recipe_reads_back(text):
    recipe = parse(text)
    assert repr(recipe) == text
    assert parse(repr(recipe)) == recipe
    assert hash(parse(text)) == hash(recipe)


@pytest.mark.parametrize("text", RECIPES)
@settings(max_examples=8, deadline=None)
@given(st.integers(1, 12), st.integers(3, 20), st.integers(0, 3))
def test_every_view_of_the_codes_agrees(text, n, dim, seed):
    x = rows(n, dim, seed)
    fitted = parse(text).fit(x)
    codes = fitted.encode(x)
    back = fitted.decode(codes)
    assert back.shape == x.shape
    assert len(codes) == n
    assert codes.nbytes == sum(a.nbytes for a in codes.arrays().values())
    q = rows(3, dim, 9)
    np.testing.assert_allclose(fitted.score(q, codes), q @ back.T, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(
        fitted.square_norms(codes), (back.astype(float) ** 2).sum(1), rtol=1e-3, atol=1e-3
    )
    picked = np.random.default_rng(seed).integers(0, n, 5)
    np.testing.assert_allclose(fitted.decode(codes[picked]), back[picked], **CLOSE)
    np.testing.assert_allclose(fitted.decode(codes[n // 2 :]), back[n // 2 :], **CLOSE)
    np.testing.assert_allclose(fitted.decode(codes[-1]), back[-1:], **CLOSE)
    joined = Encoded.concat([codes[: n // 2], codes[n // 2 :]])
    np.testing.assert_allclose(fitted.decode(joined), back, **CLOSE)
    again = fitted.encoded(codes.arrays())
    np.testing.assert_allclose(fitted.decode(again), back, **CLOSE)


@pytest.mark.parametrize("text", RECIPES)
def test_saved_codec_encodes_alike(text, tmp_path):
    x = rows(20, 24)
    fitted = parse(text).fit(x)
    fitted.save(tmp_path / "codec")
    loaded = Fitted.load(tmp_path / "codec")
    assert loaded.recipe == fitted.recipe
    for name, array in fitted.encode(x).arrays().items():
        np.testing.assert_array_equal(loaded.encode(x).arrays()[name], array)


@pytest.mark.parametrize("text", RECIPES)
def test_any_flipped_byte_is_found(text, tmp_path):
    path = tmp_path / "codec"
    parse(text).fit(rows(9, 8)).save(path)
    whole = path.read_bytes()
    for at in range(0, len(whole), max(7, len(whole) // 300)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x11]) + whole[at + 1 :])
        try:
            fitted = Fitted.load(path)
        except AttarError:
            continue
        # White space that fills the header may change without a change of meaning.
        assert repr(fitted.recipe) == text
    path.write_bytes(whole[:-1])
    if len(whole) > 8:
        with pytest.raises(DamagedPackError):
            Fitted.load(path)


@pytest.mark.parametrize("text", RECIPES)
def test_rows_that_cannot_be_encoded(text):
    fitted = parse(text).fit(rows(9, 8))
    for bad in (np.nan, np.inf):
        x = rows(4, 8)
        x[2, 1] = bad
        with pytest.raises(UsageError, match="row 2"):
            fitted.encode(x)
    with pytest.raises(UsageError, match="wide"):
        fitted.encode(rows(4, 9))
    with pytest.raises(UsageError, match="wide"):
        fitted.score(rows(1, 7), fitted.encode(rows(4, 8)))
    with pytest.raises(UsageError):
        fitted.encode(["a"])


@pytest.mark.parametrize("text", RECIPES)
def test_rows_at_the_edge(text):
    constant = np.full((5, 8), 3.0, np.float32)
    for sample in (rows(9, 8), constant, np.zeros((1, 8)), rows(3, 8) * 1e30, rows(3, 8) * 1e-30):
        fitted = parse(text).fit(sample)
        for x in (sample, np.zeros((0, 8)), rows(2, 8).astype(np.float16), rows(8, 8).T[::-1]):
            back = fitted.decode(fitted.encode(x))
            assert back.shape == x.shape
            assert np.isfinite(back).all()


@pytest.mark.parametrize("text", RECIPES)
def test_torch_gives_the_same(text):
    torch = pytest.importorskip("torch")
    x = rows(30, 24)
    fitted = parse(text).fit(x)
    codes = fitted.encode(x)
    other = fitted.encode(torch.from_numpy(x))
    # Sums run in another order, so a value on the border of two levels may fall to either side.
    near = np.abs(np.asarray(fitted.decode(other)) - fitted.decode(codes)) < 1e-3
    assert near.mean() > 0.99
    np.testing.assert_allclose(
        fitted.score(torch.from_numpy(x[:2]), other).numpy(),
        fitted.score(x[:2], codes),
        atol=0.5,
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hadmard >> uniform", "did you mean 'hadamard'"),
        ("hadamard >> uniform(bitz=3)", "did you mean 'bits'"),
        ("uniform(bits=7)", "1, 2, 3, 4, 5, 6, 8"),
        ("uniform(bits=__import__('os'))", "plain number"),
        ("uniform >> hadamard", "already ends"),
        ("entropy", "follow"),
        ("hadamard >>", "cannot read"),
        ("hadamard - uniform", "position 1"),
        ("hadamard + uniform", "writes no codes"),
        ("uniform(4, 4, False, 1, 5)", "at most 4"),
        ("truncate", "not of the right kind"),
        ("(" * 5000, "too long"),
        ("(" * 3000, "recipe"),
        ("", "recipe"),
        ("lambda: 0", "recipe"),
    ],
)
def test_a_typo_is_one_clear_error(text, says):
    with pytest.raises(UsageError, match="(?s).*" + says.replace("(", r"\(")):
        parse(text).fit(rows(3, 4))
