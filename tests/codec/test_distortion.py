"""Error of every member on unit Gaussian values, against its textbook figure and the bound."""

import numpy as np
import pytest

from attar.codec import LloydMax, parse

ROWS = np.random.default_rng(0).standard_normal((256, 1024)).astype(np.float32)


def measure(text, rows=ROWS):
    fitted = parse(text).fit(rows)
    codes = fitted.encode(rows)
    return codes.bits, float(np.mean((rows - fitted.decode(codes)) ** 2))


@pytest.mark.parametrize(
    ("bits", "textbook"), [(1, 0.3634), (2, 0.1175), (3, 0.03454), (4, 0.009497)]
)
def test_lloyd_max_reaches_its_textbook_error(bits, textbook):
    real, error = measure(repr(LloydMax(bits)))
    assert real == bits
    assert error == pytest.approx(textbook, rel=0.01)


@pytest.mark.parametrize("bits", [1, 2, 3, 4])
def test_entropy_coded_steps_come_near_the_bound(bits):
    # Evenly spaced levels miss the bound by 1.53 dB; a row's end and its length cost 20 bits.
    real, error = measure(f"Uniform(bits=8, group=0) >> Entropy(bits={bits - 0.025})")
    assert real == pytest.approx(bits, abs=0.01)
    assert 10 * np.log10(error / 4.0**-real) < 1.7


def test_what_hardly_varies_takes_next_to_no_bits():
    spread = np.where(np.arange(64) < 8, 1, 0.01).astype(np.float32)
    real, error = measure(
        "Uniform(bits=8, group=0) >> Entropy(bits=0.4, per='dimension')", ROWS[:, :64] * spread
    )
    # All bits go to the eight that vary: 0.4 * 8 each, less about 20 for a row's end and length.
    assert real < 0.8
    assert error < 2 * (4.0**-3.2 * 8 + 56e-4) / 64


def test_trellis_beats_every_scalar():
    real, error = measure("Trellis(bits=2)", ROWS[:24])
    assert real < 2.02
    assert error <= 0.075


def test_lattice():
    real, error = measure("Lattice()", ROWS[:64])
    assert real == 2
    assert error < 0.095


@pytest.mark.parametrize(
    "text",
    [
        "Sign()",
        "Uniform(bits=2)",
        "Float(bits=8)",
        "Lattice()",
        "Waterfill(bits=3)",
        "Uniform() >> Entropy()",
    ],
)
def test_nothing_beats_the_bound(text):
    real, error = measure(text, ROWS[:64])
    assert error > 4.0**-real


def test_waterfill_spends_bits_where_rows_vary():
    spread = np.linspace(4, 0.1, 64, dtype=np.float32)
    rows = np.random.default_rng(1).standard_normal((2000, 64)).astype(np.float32) * spread
    even = measure("LloydMax(bits=2)", rows)
    filled = measure("Waterfill(bits=2, tilt=0)", rows)
    assert filled[0] == even[0] == 2
    assert filled[1] < 0.6 * even[1]


def test_sign_is_unbiased_within_its_bound():
    rows = ROWS[:200] / np.linalg.norm(ROWS[:200], axis=1, keepdims=True)
    fitted = parse("Sign(unbiased=True)").fit(rows)
    codes = fitted.encode(rows)
    q = np.random.default_rng(3).standard_normal((300, 1024)).astype(np.float32)
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    error = fitted.score(q, codes) - q @ rows.T
    assert abs(error.mean()) < 5e-4
    bound = fitted.coder.error_bound(codes.columns, fitted.state)
    assert (np.abs(error) < bound).mean() > 0.9
    np.testing.assert_allclose(np.einsum("ij,ij->i", fitted.decode(codes), rows), 1, atol=2e-3)


@pytest.mark.parametrize("dim", [1, 3, 8, 12, 96, 100, 384])
def test_hadamard_is_a_rotation(dim):
    fitted = parse("Hadamard()").fit(np.eye(dim))
    turned = fitted.encode(np.eye(dim)).columns["1.values"]
    np.testing.assert_allclose(turned @ turned.T, np.eye(dim), atol=1e-5)
    assert np.abs(turned).max() <= np.sqrt(2 / dim) + 1e-6
