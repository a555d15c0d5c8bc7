"""How much may remain: one type for every target and every unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from attar.errors import BudgetError, UsageError

Unit: TypeAlias = Literal["tokens", "bytes", "bits", "ratio"]

# SI units are powers of 1000 and IEC units powers of 1024 (IEC 80000-13): "40MB" is
# 40,000,000 bytes, as on the invoice of whoever stores it.
_BYTES = {
    "b": 1, "byte": 1, "bytes": 1,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_UNITS: dict[str, tuple[Unit, Fraction]] = {
    **{name: ("bytes", Fraction(size)) for name, size in _BYTES.items()},
    **{name: ("tokens", Fraction(1)) for name in ("token", "tokens", "tok")},
    **{name: ("bits", Fraction(1)) for name in ("bit", "bits", "bpv")},
    "%": ("ratio", Fraction(1, 100)),
}
_PATTERN = re.compile(r"\s*(\d+(?:[.,_]?\d+)*|\.\d+)\s*(%|[a-zA-Z]+)\s*", re.ASCII)
_EXAMPLES = '"300 tokens", "40MB", "2.5 bits" or "25%"'


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may remain after compression. A promise: a result never exceeds it.

    Args:
        amount: tokens or bytes (whole numbers), bits a value, or the share that may remain.
        unit: "tokens", "bytes", "bits" (of storage for each value) or "ratio" (0 to 1).

    Raises:
        UsageError: for an amount that is negative, not finite, or not whole where it must be.
    """

    amount: float
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise UsageError(f"unknown budget unit {self.unit!r}: use one of {get_args(Unit)}")
        if not 0 <= self.amount < float("inf"):
            raise UsageError(
                f"a budget cannot be {self.amount} {self.unit}: give a number from 0 up"
            )
        if self.unit in ("tokens", "bytes"):
            if self.amount != int(self.amount):
                raise UsageError(f"a budget in {self.unit} is a whole number, not {self.amount}")
            object.__setattr__(self, "amount", int(self.amount))
        if self.unit == "ratio" and self.amount > 1:
            raise UsageError(
                f"a budget of {self.amount:.0%} would let the result grow: give at most 100%"
            )

    @classmethod
    def parse(cls, text: str | Budget) -> Budget:
        """Read a budget such as "300 tokens", "40MB", "1.5 GiB", "2.5 bits" or "25%".

        A budget passes through unchanged, so that an argument may be either.

        Raises:
            UsageError: if the text is not a number followed by a unit.
        """
        if isinstance(text, Budget):
            return text
        match = _PATTERN.fullmatch(text)
        unit = _UNITS.get(match[2].lower()) if match else None
        if match is None or unit is None:
            raise UsageError(f"cannot read {text!r} as a budget: write {_EXAMPLES}")
        number = match[1].replace("_", "").replace(",", "")
        if number.count(".") > 1:
            raise UsageError(f"cannot read {text!r} as a budget: write {_EXAMPLES}")
        name, scale = unit
        amount = Fraction(number) * scale
        if name == "bytes":  # "1.5 kB" is whole; of "0.3 bytes" the whole part is what may be kept
            return cls(amount.numerator // amount.denominator, name)
        if name == "tokens" and amount.denominator != 1:
            raise UsageError(f"cannot keep {text!r}: tokens are whole")
        return cls(float(amount), name)

    def limit(self, total: int, unit: Literal["tokens", "bytes"]) -> int:
        """The most that may remain of `total` tokens or bytes, rounded down.

        Raises:
            BudgetError: if this budget is counted in something else.
        """
        if self.unit == unit:
            return int(self.amount)
        if self.unit == "ratio":
            exact = Fraction(repr(self.amount)) * total
            return exact.numerator // exact.denominator
        raise BudgetError(f'this takes a budget in {unit} or per cent, not "{self}"')

    def __str__(self) -> str:
        if self.unit == "ratio":
            return f"{self.amount * 100:.12g}%"
        if self.unit == "bytes":
            return f"{self.amount} bytes"
        return (
            f"{self.amount:.12g} {self.unit}"
            if self.unit == "bits"
            else f"{self.amount} {self.unit}"
        )
