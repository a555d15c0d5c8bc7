"""Look-ups in tables that lie in vector registers, where the processor has the instruction.

`block_sums` adds up, for 64 rows at once, one look-up for each nibble of their codes: a byte
shuffle (`pshufb`) of 16 to 64 bytes. The widest that this processor has is chosen when this is
imported; `plain_sums` is the same without one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import config
from numba.extending import intrinsic
from numpy.typing import NDArray

from attar.codec.lines import LINE
from attar.kernel import kernel

SHUFFLES = {
    64: ("avx512bw", "llvm.x86.avx512.pshuf.b.512"),
    32: ("avx2", "llvm.x86.avx2.pshuf.b"),
    16: ("ssse3", "llvm.x86.ssse3.pshuf.b.128"),
}
"""By bytes of a register: the feature that a processor must have, and the instruction."""


@kernel(nogil=True)
def plain_sums(line: NDArray[np.uint8], tables: NDArray[np.uint8], out: NDArray[np.uint16]) -> Any:
    """Add up the look-ups of 64 rows; the greatest sum.

    Args:
        line: (width, 64) a byte of each row after the other.
        tables: (width, 2, 16) what the values of each byte's lower and upper half add; the two
            of a byte add up to at most 255, and all to 65,535.
        out: (64,) receives the sums.
    """
    out[:] = 0
    for j in range(len(line)):
        low, high = tables[j, 0], tables[j, 1]
        for r in range(LINE):
            out[r] += np.uint16(low[line[j, r] & 15]) + np.uint16(high[line[j, r] >> 4])
    return out.max()


def shuffled(lanes: int) -> Callable[..., Any]:
    """`plain_sums` by the shuffle of so many bytes; a function for compiled code to call."""
    name = SHUFFLES[lanes][1]

    @intrinsic  # type: ignore[misc,untyped-decorator,unused-ignore]  # numba has no types
    def sums(typing: Any, line: Any, tables: Any, out: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            arrays = [
                context.make_array(kind)(context, builder, value)
                for kind, value in zip(signature.args, args, strict=True)
            ]
            width = builder.extract_value(arrays[0].shape, 0)
            return _loop(builder, name, lanes, width, *(a.data for a in arrays))

        return types.uint16(line, tables, out), generate

    made: Callable[..., Any] = sums
    return made


def _loop(b: Any, name: str, lanes: int, width: Any, line: Any, tables: Any, out: Any) -> Any:
    word, half = ir.IntType(64), lanes // 2
    bytes_, pairs, table = (
        ir.VectorType(ir.IntType(8), lanes),
        ir.VectorType(ir.IntType(16), half),
        ir.VectorType(ir.IntType(8), 16),
    )
    order = ir.VectorType(ir.IntType(32), lanes)

    def same(kind: Any, value: int) -> Any:
        return ir.Constant(kind, [value] * kind.count)

    def load(base: Any, offset: Any, kind: Any) -> Any:
        place = b.gep(b.bitcast(base, ir.IntType(8).as_pointer()), [offset])
        return b.load(b.bitcast(place, kind.as_pointer()), align=1)

    shuffle = b.module.declare_intrinsic(name, (), ir.FunctionType(bytes_, [bytes_, bytes_]))
    before, body, after = b.block, b.append_basic_block(), b.append_basic_block()
    b.branch(body)
    b.position_at_end(body)
    j = b.phi(word)
    j.add_incoming(word(0), before)
    sums = [b.phi(pairs) for _ in range(2 * LINE // lanes)]
    for s in sums:
        s.add_incoming(same(pairs, 0), before)
    pair = []
    for part in range(2):
        found = load(tables, b.add(b.mul(j, word(32)), word(16 * part)), table)
        spread = ir.Constant(order, [i % 16 for i in range(lanes)])
        pair.append(b.shuffle_vector(found, ir.Constant(table, ir.Undefined), spread))
    added = []
    for piece in range(LINE // lanes):
        codes = load(line, b.add(b.mul(j, word(LINE)), word(lanes * piece)), bytes_)
        low = b.and_(codes, same(bytes_, 15))
        high = b.lshr(b.bitcast(codes, pairs), same(pairs, 4))
        high = b.and_(b.bitcast(high, bytes_), same(bytes_, 15))
        both = b.add(b.call(shuffle, [pair[0], low]), b.call(shuffle, [pair[1], high]))
        # Two bytes are added as one number of 16 bits. What the upper one brings into the sum is
        # known from its own sum and taken out at the end: a mask less in the loop.
        wide = b.bitcast(both, pairs)
        added.append(b.add(sums[2 * piece], wide))
        added.append(b.add(sums[2 * piece + 1], b.lshr(wide, same(pairs, 8))))
    following = b.add(j, word(1))
    j.add_incoming(following, body)
    for s, a in zip(sums, added, strict=True):
        s.add_incoming(a, body)
    b.cbranch(b.icmp_signed("<", following, width), body, after)
    b.position_at_end(after)
    most = same(pairs, 0)
    interleave = ir.Constant(order, [i // 2 + i % 2 * half for i in range(lanes)])
    for piece in range(LINE // lanes):
        upper = added[2 * piece + 1]
        lower = b.sub(added[2 * piece], b.shl(upper, same(pairs, 8)))
        joined = b.shuffle_vector(lower, upper, interleave)
        place = b.gep(out, [word(lanes * piece)])
        b.store(joined, b.bitcast(place, joined.type.as_pointer()), align=2)
        for own in (lower, upper):
            most = b.select(b.icmp_unsigned(">", own, most), own, most)
    kind = ir.FunctionType(ir.IntType(16), [pairs])
    greatest = b.module.declare_intrinsic(f"llvm.vector.reduce.umax.v{half}i16", (), kind)
    return b.call(greatest, [most])


def widest() -> int:
    """Bytes of the widest shuffle that compiled code may use here; 0: none."""
    settings: Any = config  # its attributes are made when it is imported
    if settings.CPU_NAME or settings.CPU_FEATURES or settings.DISABLE_JIT:
        return 0  # compiled for another processor than this: nothing is known of it
    try:
        features = binding.get_host_cpu_features()
    except RuntimeError:
        return 0
    return next((n for n, (feature, _) in SHUFFLES.items() if features.get(feature)), 0)


LANES = widest()
block_sums: Callable[..., Any] = shuffled(LANES) if LANES else plain_sums
