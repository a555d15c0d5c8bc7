"""Mixers as whole vectors: what numba would write as loops with a scalar rest, at twice the time.

LLVM turns vectors of eight into what the processor has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from attar.exact.mixing_model import INPUTS

_LANES = 8
_INT, _WORD = ir.IntType(32), ir.IntType(64)
_VECTOR = ir.VectorType(_INT, _LANES)
_WRITE, _KEEP, _DATA = _INT(1), _INT(3), _INT(1)


@intrinsic  # type: ignore[misc,untyped-decorator,unused-ignore]  # numba has no types
def dot(typing: Any, inputs: Any, weights: Any, row: Any) -> Any:
    """The sum of `inputs[i] * weights[row, i] >> 8`.

    Args:
        typing: numba's.
        inputs: (INPUTS,) int32.
        weights: (sets, INPUTS) int32.
        row: int64.
    """

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        total = None
        for x, w, _ in _pieces(context, b, signature, args):
            product = b.ashr(b.mul(x, w), _all(8))
            total = product if total is None else b.add(total, product)
        return b.sext(_call(b, f"llvm.vector.reduce.add.v{_LANES}i32", _INT, [total]), _WORD)

    return types.int64(inputs, weights, types.int64), generate


@intrinsic  # type: ignore[misc,untyped-decorator,unused-ignore]
def move(typing: Any, inputs: Any, weights: Any, row: Any, error: Any, most: Any) -> Any:
    """Add `inputs[i] * error + 2^17 >> 18` to `weights[row, i]`, within -most and most.

    Args:
        typing: numba's.
        inputs: (INPUTS,) int32.
        weights: (sets, INPUTS) int32.
        row: int64.
        error: int64; its products with the inputs stay within 32 bits.
        most: int64.
    """

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        by, most = (_spread(b, b.trunc(value, _INT)) for value in args[3:])
        least = b.neg(most)
        for x, w, place in _pieces(context, b, signature, args):
            step = b.ashr(b.add(b.mul(x, by), _all(1 << 17)), _all(18))
            moved = _call(b, f"llvm.smin.v{_LANES}i32", _VECTOR, [b.add(w, step), most])
            moved = _call(b, f"llvm.smax.v{_LANES}i32", _VECTOR, [moved, least])
            b.store(moved, place, align=4)
        return context.get_dummy_value()

    return types.none(inputs, weights, types.int64, types.int64, types.int64), generate


@intrinsic  # type: ignore[misc,untyped-decorator,unused-ignore]
def fetch(typing: Any, array: Any, at: Any) -> Any:
    """Have the line of `array[at]` brought near, to be written soon.

    Args:
        typing: numba's.
        array: (n,) of anything.
        at: int64.
    """

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        place = b.gep(_data(context, b, signature.args[0], args[0]), [args[1]])
        byte = b.bitcast(place, ir.IntType(8).as_pointer())
        _call(b, "llvm.prefetch", ir.VoidType(), [byte, _WRITE, _KEEP, _DATA])
        return context.get_dummy_value()

    return types.none(array, types.int64), generate


def _pieces(context: Any, b: Any, signature: Any, args: Any) -> Any:
    """Vectors of inputs, of the row's weights, and where those lie."""
    inputs, weights = (_data(context, b, signature.args[i], args[i]) for i in range(2))
    begin = b.mul(args[2], _WORD(INPUTS))
    for i in range(0, INPUTS, _LANES):
        place = _vector_at(b, weights, b.add(begin, _WORD(i)))
        x = b.load(_vector_at(b, inputs, _WORD(i)), align=4)
        yield x, b.load(place, align=4), place


def _vector_at(b: Any, base: Any, offset: Any) -> Any:
    return b.bitcast(b.gep(base, [offset]), _VECTOR.as_pointer())


def _data(context: Any, b: Any, kind: Any, array: Any) -> Any:
    return context.make_array(kind)(context, b, array).data


def _all(value: int) -> Any:
    return ir.Constant(_VECTOR, [value] * _LANES)


def _spread(b: Any, value: Any) -> Any:
    nothing = ir.Constant(_VECTOR, ir.Undefined)
    return b.shuffle_vector(b.insert_element(nothing, value, _INT(0)), nothing, _all(0))


def _call(b: Any, name: str, kind: Any, args: Any) -> Any:
    signature = ir.FunctionType(kind, [a.type for a in args])
    function: Callable[..., Any] = b.module.declare_intrinsic(name, (), signature)
    return b.call(function, args)
