"""Which of 64 rows pass a bar, as the bits of one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from attar.codec.lines import LINE
from attar.kernel import kernel

Floats = NDArray[np.float32]
Sums = NDArray[np.uint16]
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel(nogil=True)
def plain_passing(
    sums: Sums, step: Any, low: Any, beside: Floats, at: int, bar: Any, how: int
) -> Any:
    """The rows whose score is above `bar`: the reference of `passing`.

    Args:
        sums: (64,) look-ups of each row.
        step: what a step of them is worth.
        low: what is added.
        beside: factors or terms of all rows.
        at: where those of the 64 begin.
        bar: what to pass.
        how: 0: nothing is beside; 1: factors; 2: terms.

    Returns:
        A bit for each row, the first the lowest.
    """
    found = np.uint64(0)
    for r in range(LINE):
        score = np.float32(sums[r]) * step + low
        if how == 1:
            score *= beside[at + r]
        elif how == 2:
            score += beside[at + r]
        if score > bar:
            found |= np.uint64(1) << np.uint64(r)
    return found


def _vectors(how: int) -> Callable[..., Any]:
    """`plain_passing` for one `how`, in vectors as wide as the processor's."""

    @intrinsic  # type: ignore[misc,untyped-decorator,unused-ignore]  # numba has no types
    def compare(typing: Any, sums: Any, step: Any, low: Any, beside: Any, at: Any, bar: Any) -> Any:
        def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
            floats = ir.VectorType(ir.FloatType(), LINE)
            shorts = ir.VectorType(ir.IntType(16), LINE)

            def every(value: Any) -> Any:
                one = b.insert_element(ir.Constant(floats, ir.Undefined), value, ir.IntType(32)(0))
                order = ir.Constant(ir.VectorType(ir.IntType(32), LINE), [0] * LINE)
                return b.shuffle_vector(one, ir.Constant(floats, ir.Undefined), order)

            def data(index: int) -> Any:
                kind = signature.args[index]
                return context.make_array(kind)(context, b, args[index]).data

            number = b.load(b.bitcast(data(0), shorts.as_pointer()), align=2)
            score = b.fmul(b.uitofp(number, floats), every(args[1]))
            score = b.fadd(score, every(args[2]))
            if how:
                place = b.gep(data(3), [args[4]])
                own = b.load(b.bitcast(place, floats.as_pointer()), align=4)
                score = b.fmul(score, own) if how == 1 else b.fadd(score, own)
            return b.bitcast(b.fcmp_ordered(">", score, every(args[5])), ir.IntType(64))

        single = types.float32
        return types.uint64(sums, single, single, beside, types.int64, single), generate

    made: Callable[..., Any] = compare
    return made


_bare, _factor, _term = _vectors(0), _vectors(1), _vectors(2)


@kernel(nogil=True, inline="always")
def passing(sums: Sums, step: Any, low: Any, beside: Floats, at: int, bar: Any, how: int) -> Any:
    """`plain_passing` by vector instructions; `beside` holds as many as 64 from `at` on."""
    if how == 0:
        return _bare(sums, step, low, beside, at, bar)
    if how == 1:
        return _factor(sums, step, low, beside, at, bar)
    return _term(sums, step, low, beside, at, bar)


@kernel(nogil=True, inline="always")
def within(bits: Any, at: int, start: int, stop: int) -> Any:
    """The bits of rows from `start` up to `stop`, where the first of the 64 is row `at`."""
    if start > at:
        bits &= _ALL << np.uint64(start - at)
    if stop < at + LINE:
        bits &= _ALL >> np.uint64(at + LINE - stop)
    return bits


@intrinsic  # type: ignore[misc,untyped-decorator,unused-ignore]
def _trailing(typing: Any, bits: Any) -> Any:

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return b.cttz(args[0], ir.IntType(1)(0))

    return types.uint64(types.uint64), generate


lowest: Any = _trailing
"""The number of the lowest bit that is set; 64: none."""
