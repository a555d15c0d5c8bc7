from __future__ import annotations

from attar.measure.memo import Memo, code_digest


def test_what_was_made_is_not_made_again(tmp_path):
    made = []

    def make():
        made.append(1)
        return {"a": [1, 2.5, None, "ü\ud800"]}

    with Memo(tmp_path / "deep" / "memo.sqlite") as memo:
        first = memo.get(["key", 1, "\ud800"], make)
        assert memo.get(["key", 1, "\ud800"], make) == first
    with Memo(tmp_path / "deep" / "memo.sqlite") as memo:
        assert memo.get(["key", 1, "\ud800"], make) == first
        assert len(made) == 1
        memo.get(["key", 2], make)
        assert len(made) == 2


def test_only_what_is_not_kept_is_made_and_each_once(tmp_path):
    asked = []

    def make(missing):
        asked.append(list(missing))
        return [10 * number for number in missing]

    for memo in (Memo(tmp_path / "memo.sqlite"), Memo(None)):
        memo.get("b", lambda: "kept")
        kept = memo.get_all(["a", "b", "c", "a"], make)
        assert kept[0] == kept[3] == 0
        assert kept[2] == 20
    assert asked == [[0, 2], [0, 1, 2]]
    assert memo.get_all([], make) == []


def test_without_a_file_everything_is_made(tmp_path):
    made = []
    with Memo(None) as memo:
        memo.get("k", lambda: made.append(1))
        memo.get("k", lambda: made.append(1))
    assert len(made) == 2


def test_a_broken_file_costs_time_and_nothing_else(tmp_path):
    path = tmp_path / "memo.sqlite"
    path.write_bytes(b"this is no database" * 99)
    with Memo(path) as memo:
        assert memo.get("k", lambda: 7) == 7
    (tmp_path / "file").write_text("")
    with Memo(tmp_path / "file" / "memo.sqlite") as memo:
        assert memo.get("k", lambda: 7) == 7


def test_the_code_has_one_digest():
    assert code_digest() == code_digest()
    assert len(code_digest()) == 64
