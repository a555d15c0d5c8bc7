"""Error feedback against the method's definition, one row and one dimension at a time."""

import numpy as np
import pytest

from attar.codec import Fitted, parse
from attar.codec.feedback import DAMPING, passed_on
from attar.errors import UsageError


def correlated(n=300, dim=24, seed=0):
    draw = np.random.default_rng(seed)
    inputs = draw.standard_normal((n, 6)) @ draw.standard_normal((6, dim))
    inputs += 0.3 * draw.standard_normal((n, dim))
    weights = draw.standard_normal((40, dim)).astype(np.float32)
    return weights, (inputs.T @ inputs / n).astype(np.float32)


def surgeon(row, hessian, rounded):
    """Optimal brain surgeon: round a value, move the others to the best place, eliminate it."""
    h = hessian.astype(np.float64)
    h = h / np.diag(h).mean() + DAMPING * np.eye(len(h))
    inverse, w, out = np.linalg.inv(h), row.astype(np.float64), np.zeros(len(row))
    for i in range(len(row)):
        out[i] = rounded(w[i])
        w -= (w[i] - out[i]) / inverse[i, i] * inverse[i]
        inverse -= np.outer(inverse[i], inverse[i]) / inverse[i, i]
    return out


def error(rows, back, hessian):
    e = (rows - back).astype(np.float64)
    return float(np.einsum("ni,ij,nj->", e, hessian, e))


def test_rows_are_those_of_optimal_brain_surgeon():
    rows, hessian = correlated()
    fitted = parse("uniform(bits=3, group=0)").fit(rows, hessian)
    plain = parse("uniform(bits=3, group=0)").fit(rows, np.diag(hessian))
    # All levels, from the codes of values far and wide.
    levels = np.unique(plain.decode(plain.encode(np.linspace(-9, 9, 24 * 99).reshape(-1, 24))))
    assert len(levels) == 8

    def rounded(value):
        # Nearest by the spacing of the cells, which the gain leaves as they were.
        gain = float(plain.state["gain"][0])
        return levels[np.abs(levels / gain - value).argmin()]

    want = np.stack([surgeon(row, hessian, rounded) for row in rows])
    back = fitted.decode(fitted.encode(rows))
    assert (np.abs(back - want) < 1e-4).mean() > 0.98  # a value on a border may fall either way


@pytest.mark.parametrize(
    "text",
    [
        "uniform(bits=2)",
        "uniform(bits=3, group=8)",
        "uniform(bits=3, group=5, axis=0)",
        "uniform(bits=2, symmetric=True)",
        "uniform(bits=8, group=0) >> entropy(bits=2)",
        "hadamard >> uniform(bits=2)",
    ],
)
def test_the_error_under_the_hessian_is_less(text, tmp_path):
    rows, hessian = correlated()
    plain, fed = parse(text).fit(rows, np.diag(hessian)), parse(text).fit(rows, hessian)
    codes = fed.encode(rows)
    before = error(rows, plain.decode(plain.encode(rows)), hessian)
    assert error(rows, fed.decode(codes), hessian) < 0.75 * before
    fed.save(tmp_path / "codec")
    again = Fitted.load(tmp_path / "codec").encode(rows)
    for name, array in codes.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)


@pytest.mark.parametrize("text", ["uniform(bits=3, group=8)", "uniform(bits=3, group=0)"])
def test_torch_passes_errors_on_alike(text):
    torch = pytest.importorskip("torch")
    rows, hessian = correlated()
    fitted = parse(text).fit(rows, hessian)
    other = fitted.encode(torch.from_numpy(rows))
    same = fitted.decode(other).numpy() == fitted.decode(fitted.encode(rows))
    assert same.mean() > 0.98


def test_no_correlation_is_plain_rounding():
    rows, _ = correlated()
    plain = parse("uniform(bits=3)").fit(rows)
    fed = parse("uniform(bits=3)").fit(rows, np.eye(24))
    np.testing.assert_array_equal(
        plain.encode(rows).columns["codes"], fed.encode(rows).columns["codes"]
    )


def test_a_dimension_that_never_came_is_no_trouble():
    _, hessian = correlated()
    hessian[3] = hessian[:, 3] = 0
    shares = passed_on(hessian)
    assert np.isfinite(shares).all()
    assert not shares[3, 4:].any()


@pytest.mark.parametrize(
    "bad", [np.triu(np.ones((3, 3))), -np.eye(3), np.zeros((3, 3)), 1 - np.eye(3)]
)
def test_what_is_no_hessian(bad):
    with pytest.raises(UsageError, match="Hessian"):
        parse("uniform").fit(np.ones((4, 3)), bad)
