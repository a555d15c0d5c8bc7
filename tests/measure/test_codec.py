"""Figures of recipes against those worked out by hand."""

import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from click.testing import CliRunner

from attar.cli.main import cli, main
from attar.codec import parse
from attar.errors import UsageError
from attar.measure.codec import Rows, measure_codec, plot


def test_a_gaussian_source_has_shannons_bound():
    rows = Rows.gaussian(64, 32)
    assert not np.array_equal(rows.learn, rows.test)
    for bits in (0, 1, 2.5):
        assert rows.bound(bits) == pytest.approx(4.0**-bits)


def test_the_bound_of_data_is_that_of_its_spectrum():
    spread = np.array([4, 1, 0.01])
    data = np.random.default_rng(0).standard_normal((40_000, 3)) * spread
    rows = Rows.of(data, "data")
    assert len(rows.learn) == len(rows.test) == 20_000
    assert rows.bound(0) == pytest.approx(np.mean(spread**2), rel=0.03)
    # At one bit a value the least direction stays under water: 3 bits over the other two.
    level = np.sqrt(16 * 1 * 4.0**-3)
    assert rows.bound(1) == pytest.approx((2 * level + 0.0001) / 3, rel=0.03)


def test_figures_are_those_of_the_codes():
    rows = Rows.gaussian(200, 48)
    figures = measure_codec(parse("uniform(bits=3, group=16)"), rows)
    fitted = parse("uniform(bits=3, group=16)").fit(rows.learn)
    codes = fitted.encode(rows.test)
    back = fitted.decode(codes)
    assert figures.bits == 8 * codes.nbytes / rows.test.size
    assert figures.mse == pytest.approx(((rows.test - back) ** 2).mean(), rel=1e-4)
    assert figures.gap_db == pytest.approx(10 * np.log10(figures.mse * 4.0**figures.bits))
    cosine = (rows.test * back).sum(1) / (
        np.linalg.norm(rows.test, axis=1) * np.linalg.norm(back, axis=1)
    )
    assert figures.cosine_error == pytest.approx(1 - cosine.mean(), rel=1e-4)
    assert figures.encode_mvs > 0 < figures.decode_mvs


def test_no_error_is_no_distance():
    zeros = Rows.of(np.zeros((10, 4)), "zeros")
    figures = measure_codec(parse("float(bits=32)"), zeros)
    assert (figures.mse, figures.gap_db, figures.cosine_error) == (0, None, 0)
    ElementTree.fromstring(plot([figures], zeros))


def test_the_plot_shows_every_recipe_and_the_bound():
    rows = Rows.gaussian(20, 16)
    figures = [measure_codec(parse(r), rows) for r in ("sign", "lloydmax(2)", "lloydmax(4)")]
    text = plot(figures, rows)
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    assert len(re.findall("<circle", text)) == 2 * len(figures)  # a point, and its key
    assert len(re.findall("<polyline", text)) == 1
    assert all(f.recipe in text for f in figures)
    assert "nan" not in text


@pytest.mark.parametrize("bad", [np.zeros((1, 3)), np.zeros(5), np.full((4, 2), np.nan)])
def test_data_that_cannot_be_measured(bad):
    with pytest.raises(UsageError):
        Rows.of(bad, "bad")


def test_command(tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(1).standard_normal((80, 16)))
    picture = tmp_path / "p.svg"
    args = ["measure", "codec", "sign", "hadamard >> uniform", "--data", str(tmp_path / "x.npy")]
    result = CliRunner().invoke(cli, [*args, "--plot", str(picture), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)["recipes"]
    assert [f["recipe"] for f in found] == ["Sign()", "Hadamard() >> Uniform()"]
    assert found[0]["bits"] == 1
    ElementTree.parse(picture)
    assert (
        "Sign()" in CliRunner().invoke(cli, ["measure", "codec", "sign", "--gaussian", "9"]).output
    )


def test_wrong_calls(tmp_path, capsys):
    (tmp_path / "x.npy").write_bytes(b"no array")
    for args, says in [
        (["sign", "--data", str(tmp_path / "x.npy")], "no .npy file"),
        (["sing"], "did you mean 'sign'"),
        (["sign", "--plot", "x.png"], "SVG"),
        (["sign", "--data", str(tmp_path / "x.npy"), "--gaussian", "5"], "not both"),
    ]:
        assert main(["measure", "codec", *args]) == 2
        assert says in capsys.readouterr().err
