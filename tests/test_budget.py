from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar import Budget, BudgetError
from attar.errors import UsageError


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("300 tokens", Budget(300, "tokens")),
        ("1 token", Budget(1, "tokens")),
        ("1,000tok", Budget(1000, "tokens")),
        ("40MB", Budget(40_000_000, "bytes")),
        ("1.5 GiB", Budget(3 * 2**29, "bytes")),
        ("0.3 bytes", Budget(0, "bytes")),
        ("2.5 bits", Budget(2.5, "bits")),
        ("25%", Budget(0.25, "ratio")),
        (" 12.5 % ", Budget(0.125, "ratio")),
        (".5%", Budget(0.005, "ratio")),
    ],
)
def test_parse(text: str, budget: Budget) -> None:
    assert Budget.parse(text) == budget
    assert Budget.parse(budget) is budget


@pytest.mark.parametrize(
    "text",
    [
        "",
        "300",
        "tokens",
        "-3 tokens",
        "2.5 tokens",
        "101%",
        "1.2.3 MB",
        "inf bits",
        "nan%",
        "3 apples",
        "١٢ tokens",
    ],
)
def test_what_is_no_budget_is_one_clear_error(text: str) -> None:
    with pytest.raises(UsageError) as error:
        Budget.parse(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf")])
def test_impossible_amounts(amount: float) -> None:
    with pytest.raises(UsageError):
        Budget(amount, "bits")


def test_unknown_unit() -> None:
    with pytest.raises(UsageError, match="unknown budget unit"):
        Budget(1, "apples")  # type: ignore[arg-type]


budgets = st.one_of(
    st.builds(Budget, st.integers(0, 10**15), st.sampled_from(["tokens", "bytes"])),
    st.builds(Budget, st.floats(0, 1), st.just("ratio")),
    st.builds(Budget, st.floats(0, 64), st.just("bits")),
)


@given(budgets)
def test_repr_reads_back(budget: Budget) -> None:
    assert eval(repr(budget), {"Budget": Budget}) == budget
    assert hash(budget) == hash(eval(repr(budget), {"Budget": Budget}))


@given(st.integers(0, 10**12), st.sampled_from(["tokens", "bytes"]))
def test_text_of_a_whole_budget_reads_back(amount: int, unit: str) -> None:
    budget = Budget(amount, unit)  # type: ignore[arg-type]
    assert Budget.parse(str(budget)) == budget


@given(st.integers(0, 1000), st.integers(0, 10**9))
def test_a_ratio_never_lets_more_remain(per_mille: int, total: int) -> None:
    limit = Budget.parse(f"{per_mille / 10}%").limit(total, "tokens")
    assert limit <= Fraction(per_mille, 1000) * total < limit + 1


def test_a_budget_of_another_kind_is_refused_by_name() -> None:
    with pytest.raises(BudgetError, match="bits"):
        Budget(2, "bits").limit(100, "tokens")
    with pytest.raises(BudgetError, match="tokens"):
        Budget(2, "tokens").limit(100, "bytes")
