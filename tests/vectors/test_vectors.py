import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import DamagedPackError, UsageError
from attar.vectors import Vectors

RECIPE = "Unit() >> Hadamard() >> Uniform(bits=8, symmetric=True)"


def rows(n, dim=16, seed=0):
    x = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


@pytest.mark.parametrize("metric", ["ip", "cosine", "l2"])
@pytest.mark.parametrize("threads", [1, 3])
def test_search_finds_what_a_full_scan_finds(metric, threads):
    x, q = rows(300), rows(7, seed=1)
    v = Vectors.build(x, RECIPE, metric=metric, threads=threads)
    found = v.search(q, 10)
    for i in range(len(q)):
        scores = v.scores(q[i])
        assert scores.dtype == np.float32
        order = np.lexsort((np.arange(300), -scores))[:10]
        np.testing.assert_allclose(found.scores[i], scores[order], rtol=1e-5)
        assert len(set(found.ids[i]) & set(order.tolist())) >= 9  # equal but for rounding
    exact = x @ q.T
    if metric == "l2":
        exact = 2 * exact - 2
    np.testing.assert_allclose(np.stack([v.scores(r) for r in q], 1), exact, atol=0.02)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("adu"), st.integers(0, 9)), max_size=12))
def test_add_delete_and_update_are_seen_at_once(steps):
    data = rows(200)
    v = Vectors.build(data[:3], RECIPE)
    model = {0: 0, 1: 1, 2: 2}
    for turn, (what, i) in enumerate(steps):
        fresh = 3 + turn
        if what == "a" and i not in model:
            v.add(data[fresh : fresh + 1], [i])
            model[i] = fresh
        elif what == "d":
            assert v.delete([i]) == (i in model)
            model.pop(i, None)
        elif what == "u":
            v.update([i], data[fresh : fresh + 1])
            model[i] = fresh
    assert sorted(v.ids.tolist()) == sorted(model)
    assert len(v) == len(model)
    for i, row in model.items():
        assert v.search(data[row], 1).ids[0, 0] == i
    found = v.search(data[:1], 20).ids[0]
    assert sorted(found[found >= 0].tolist()) == sorted(model)


def test_filter():
    x = rows(50)
    v = Vectors.build(x, RECIPE)
    found = v.search(x[:4], 5, allow=[3, 7, 9, 1000])
    assert set(found.ids.ravel().tolist()) == {3, 7, 9, -1}
    assert np.isneginf(found.scores[:, 3:]).all()
    assert (v.search(x[:4], 5, allow=[]).ids == -1).all()


@pytest.mark.parametrize("ids", [None, [5, 900, 7, 1 << 40], [10, 11, 12, 13]])
def test_saved_set_answers_alike(ids, tmp_path):
    x = rows(4)
    v = Vectors.build(x, RECIPE, ids=ids, metric="cosine")
    v.delete([v.ids[1]])
    v.save(tmp_path / "v")
    w = Vectors.load(tmp_path / "v")
    w.verify()
    np.testing.assert_array_equal(w.ids, v.ids)
    np.testing.assert_array_equal(w.search(x, 3).ids, v.search(x, 3).ids)
    np.testing.assert_array_equal(w.decode(w.ids), v.decode(v.ids))
    w.add(x[1:2])
    assert len(w) == 4


def test_damaged_file(tmp_path):
    path = tmp_path / "v"
    Vectors.build(rows(40), RECIPE).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(DamagedPackError):
        Vectors.load(path)
    path.write_bytes(whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:])
    with pytest.raises(DamagedPackError):
        Vectors.load(path).verify()


@pytest.mark.parametrize("count", [0, 29, 31])
def test_a_stream_has_one_id_for_each_row(count):
    with pytest.raises(UsageError, match=r"one whole number for each|more ids than"):
        Vectors.build(iter(np.split(rows(30), 3)), RECIPE, ids=range(count))
    with pytest.raises(UsageError, match=r"one whole number for each|more ids than"):
        Vectors.build(rows(30).tolist(), RECIPE, ids=range(count))


def test_stream():
    x = rows(90)
    whole = Vectors.build(x, RECIPE)
    streamed = Vectors.build((x[i : i + 20] for i in range(0, 90, 20)), whole.fitted)
    np.testing.assert_array_equal(whole.scores(x[0]), streamed.scores(x[0]))
    learned = Vectors.build((x[i : i + 20] for i in range(0, 90, 20)), RECIPE, ids=range(5, 95))
    assert learned.search(x[7], 1).ids[0, 0] == 12


def test_empty_set(tmp_path):
    v = Vectors.build(rows(3), RECIPE)
    v.delete([0, 1, 2])
    assert (v.search(rows(2), 4).ids == -1).all()
    assert len(v.scores(rows(1)[0])) == 0
    v.save(tmp_path / "v")
    assert len(Vectors.load(tmp_path / "v")) == 0


def test_wrong_calls():
    v = Vectors.build(rows(3), RECIPE)
    for call in (
        lambda: v.search(rows(1, 5)),
        lambda: v.search(rows(1), 0),
        lambda: v.add(rows(2), [7, 7]),
        lambda: v.add(rows(1), [1]),
        lambda: v.add(rows(1), [-1]),
        lambda: v.add(rows(2), [9]),
        lambda: v.scores(rows(2)),
        lambda: v.decode([77]),
        lambda: Vectors.build(rows(3), RECIPE, metric="dot"),
        lambda: Vectors.build(rows(3), RECIPE, threads=0),
        lambda: Vectors.build(iter([]), RECIPE),
    ):
        with pytest.raises(UsageError):
            call()
    assert len(v) == 3


@pytest.mark.parametrize("recipe", [RECIPE, "Waterfill(bits=3)"])
def test_compact_gives_room_back_and_changes_no_answer(recipe, tmp_path):
    x = rows(500)
    v = Vectors.build((x[i : i + 70] for i in range(0, 500, 70)), recipe, ids=range(7, 507))
    v.delete(range(10, 300))
    before, found = v.nbytes, v.search(x[:9], 20)
    v.compact()
    assert v.nbytes < before
    np.testing.assert_array_equal(v.search(x[:9], 20).ids, found.ids)
    np.testing.assert_allclose(v.search(x[:9], 20).scores, found.scores, rtol=1e-6)
    assert v.add(x[:1]).tolist() == [507]
    v.save(tmp_path / "v")
    np.testing.assert_array_equal(Vectors.load(tmp_path / "v").ids, v.ids)
    v.delete(v.ids)
    v.compact()
    assert len(v) == 0
    assert v.decode([]).shape == (0, 16)


def test_a_row_that_cannot_be_encoded_keeps_all_out():
    v = Vectors.build(rows(10), RECIPE)
    bad = rows(9000)
    bad[8000, 3] = np.nan
    with pytest.raises(UsageError):
        v.add(bad)
    assert len(v) == 10 == len(v.scores(bad[0]))
