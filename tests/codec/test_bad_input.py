"""What no codec may trip over: every member of the registry, every awkward array."""

import contextlib
import functools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.codec import Fitted, Recipe, parse, storage
from attar.errors import AttarError, DamagedPackError, UsageError
from attar.registry import REGISTRY

DIM = 12

ARGUMENTS = {
    "truncate": "(5)",
    "productquantizer": "(parts=5, bits=4)",
    "residualquantizer": "(stages=2)",
    "additivequantizer": "(stages=2, rounds=1)",
    "rotation": "(parts=3, rounds=1)",
    "trellis": "(states=5)",
    "trellisfill": "(bits=2, states=8)",
    "pca": "(dim=5)",
    "lowrank": "(rank=2)",
}
"""Small enough to learn from a few narrow rows."""

VARIANTS = [
    "uniform(bits=3, group=5)",
    "uniform(bits=2, group=7, axis=0)",
    "uniform(bits=3, group=0)",
    "uniform(bits=8, group=0) >> entropy(bits=2.5)",
    "float(bits=8, group=5)",
    "sign(unbiased=True)",
    "unit(length=True) >> center >> hadamard >> lloydmax(3) + uniform(2)",
]


def members():
    """A recipe for each codec that is registered, those of later members too."""
    for method in REGISTRY.methods("codec"):
        text = method.name + ARGUMENTS.get(method.name, "")
        yield f"uniform >> {text}" if method.name == "entropy" else text


RECIPES = [*members(), *VARIANTS]


def rows(n, dim=DIM, seed=0):
    return np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)


@functools.cache
def fitted(text):
    return parse(text).fit(rows(40))


def same(codes, others):
    for name, array in codes.arrays().items():
        np.testing.assert_array_equal(others.arrays()[name], array)


def test_every_member_is_here():
    assert {m.name for m in REGISTRY.methods("codec")} <= {
        word for text in RECIPES for word in text.replace("(", " ").split()
    }
    assert all(isinstance(parse(text), Recipe) for text in RECIPES)


@pytest.mark.parametrize("text", RECIPES)
@settings(max_examples=10)
@given(st.sampled_from([np.nan, np.inf, -np.inf]), st.integers(0, 3), st.integers(0, DIM - 1))
def test_a_value_that_is_no_number_is_named(text, bad, row, column):
    x = rows(4)
    x[row, column] = bad
    for call in (parse(text).fit, fitted(text).encode):
        with pytest.raises(UsageError, match=f"row {row} holds"):
            call(x)
    with pytest.raises(UsageError, match="row 0 holds"):
        fitted(text).score(x[row], fitted(text).encode(rows(2)))


@pytest.mark.parametrize("text", RECIPES)
@settings(max_examples=10)
@given(st.sampled_from([0.0, 1.0, -3e4, 1e-38, -1e32]), st.integers(1, 5), st.booleans())
def test_constant_columns_zero_rows_and_single_rows(text, value, n, some):
    x = rows(n) if some else np.zeros((n, DIM), np.float32)
    x[:, 3] = value
    x[0] = value
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        own = parse(text).fit(x)
        for codec in (own, fitted(text)):
            back = codec.decode(codec.encode(x))
            assert back.shape == x.shape
            assert np.isfinite(back).all()


def test_values_whose_sums_would_overflow_are_refused():
    with pytest.raises(UsageError, match="beyond 1e\\+32"):
        parse("hadamard >> uniform").fit(np.full((3, DIM), 3e38))


@pytest.mark.parametrize("text", RECIPES)
def test_no_rows(text):
    codes = fitted(text).encode(rows(0))
    assert len(codes) == 0
    assert fitted(text).decode(codes).shape == (0, DIM)
    assert fitted(text).score(rows(3), codes).shape == (3, 0)
    assert fitted(text).square_norms(codes).shape == (0,)
    with pytest.raises(UsageError, match="no rows"):
        parse(text).fit(rows(0))


@pytest.mark.parametrize("text", RECIPES)
@pytest.mark.parametrize("dtype", ["float16", "float64", "int8", "int64", "uint8"])
def test_every_type_of_number_is_taken_for_what_it_says(text, dtype):
    x = (rows(9) * 20).astype(dtype)
    same(fitted(text).encode(x), fitted(text).encode(x.astype(np.float32)))


@pytest.mark.parametrize("text", RECIPES)
def test_bfloat16_is_taken_for_what_it_says(text):
    torch = pytest.importorskip("torch")
    x = torch.from_numpy(rows(9)).to(torch.bfloat16)
    same(fitted(text).encode(x), fitted(text).encode(x.to(torch.float32)))
    parse(text).fit(x)


@pytest.mark.parametrize("text", RECIPES)
def test_memory_in_any_order_and_mapped(text, tmp_path):
    x = rows(11)
    want = fitted(text).encode(x)
    wide = np.zeros((22, 2 * DIM), np.float32)
    wide[::2, ::2] = x
    np.save(tmp_path / "x.npy", x)
    for view in (
        np.asfortranarray(x),
        wide[::2, ::2],
        x[::-1][::-1],
        np.load(tmp_path / "x.npy", mmap_mode="r"),
        x.astype(">f4"),
    ):
        same(want, fitted(text).encode(view))
    read_only = x.copy()
    read_only.flags.writeable = False
    same(want, fitted(text).encode(read_only))
    np.testing.assert_array_equal(read_only, x)


@pytest.mark.parametrize("text", RECIPES)
def test_text_objects_and_complex_numbers_are_refused(text):
    for bad in (
        np.array([["a"] * DIM]),
        np.full((2, DIM), None),
        rows(2).astype(np.complex64),
        np.zeros((2, DIM), np.bool_),
        rows(2)[0],
        rows(2)[None],
        rows(2, DIM + 1),
        "rows",
        None,
    ):
        with pytest.raises(UsageError):
            fitted(text).encode(bad)


@pytest.mark.parametrize("text", RECIPES)
@settings(max_examples=25)
@given(st.data())
def test_codes_of_a_damaged_file_are_an_error_or_rows(text, data):
    """Arrays that came from a file without its checksum: any bytes, of any length."""
    arrays = {k: v.copy() for k, v in fitted(text).encode(rows(6)).arrays().items()}
    name = data.draw(st.sampled_from(sorted(arrays)))
    raw = arrays[name].view(np.uint8).reshape(-1)
    if data.draw(st.booleans()) and raw.size:
        raw[data.draw(st.integers(0, raw.size - 1))] ^= data.draw(st.integers(1, 255))
    else:
        arrays[name] = arrays[name][: data.draw(st.integers(0, len(arrays[name])))]
    try:
        with np.errstate(all="ignore"):
            codes = fitted(text).encoded(arrays)
            back = fitted(text).decode(codes)
            fitted(text).score(rows(1), codes)
    except DamagedPackError:
        return
    assert back.shape == (len(codes), DIM)


@pytest.mark.parametrize("text", RECIPES)
@settings(max_examples=20)
@given(st.data())
def test_a_damaged_codec_is_an_error_or_encodes(text, data):
    """The same for what was learned: bytes changed, and the checksum made anew."""
    codec = fitted(text)
    arrays = {k: v.copy() for k, v in codec.state.arrays.items()}
    usable = sorted(k for k, v in arrays.items() if v.size)
    if not usable:
        return
    name = data.draw(st.sampled_from(usable))
    raw = arrays[name].view(np.uint8).reshape(-1)
    if data.draw(st.booleans()):
        raw[data.draw(st.integers(0, raw.size - 1))] ^= data.draw(st.integers(1, 255))
    else:
        arrays[name] = arrays[name][: data.draw(st.integers(0, len(arrays[name])))]
    try:
        with np.errstate(all="ignore"):
            other = Fitted.from_parts(codec.header(), arrays)
            codes = other.encode(rows(4))
            assert other.decode(codes).shape == (4, DIM)
    except AttarError:
        return


@pytest.mark.parametrize("text", RECIPES)
def test_a_file_cut_short_or_flipped_is_found(text, tmp_path):
    path = tmp_path / "codec"
    fitted(text).save(path)
    whole = path.read_bytes()
    for end in range(0, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:end])
        with pytest.raises(DamagedPackError):
            Fitted.load(path)
    for at in range(len(whole) - 1, len(whole) // 2, -max(1, len(whole) // 40)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            file = storage.read(path)
            file.verify()
        except AttarError:
            continue
        assert repr(Fitted.load(path).recipe) == repr(fitted(text).recipe)


@given(st.text(max_size=40))
def test_any_text_is_a_recipe_or_a_usage_error(text):
    try:
        recipe = parse(text)
    except UsageError:
        return
    assert parse(repr(recipe)) == recipe


@pytest.mark.parametrize("text", RECIPES)
@settings(max_examples=30)
@given(st.data())
def test_a_recipe_with_a_typo_is_a_recipe_or_a_usage_error(text, data):
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("abz019()>+=,. -'\"[]"))
    with contextlib.suppress(UsageError):
        parse(text[:at] + letter + text[at + 1 :])
