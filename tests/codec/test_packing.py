import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.codec import packing


@given(st.sampled_from(packing.WIDTHS), st.integers(0, 5), st.integers(1, 40), st.integers(0, 9))
def test_packing_is_exact_and_as_specified(bits, n, m, seed):
    codes = np.random.default_rng(seed).integers(0, 1 << bits, (n, m)).astype(np.uint8)
    packed = packing.pack(codes, bits)
    assert packed.shape == (n, packing.packed_width(m, bits))
    np.testing.assert_array_equal(packing.unpack(packed, bits, m), codes)
    np.testing.assert_array_equal(packing.pack_reference(codes, bits), packed)
    np.testing.assert_array_equal(packing.unpack_reference(packed, bits, m), codes)
    for row, want in zip(packed, codes, strict=True):
        stream = int.from_bytes(row.tobytes(), "little")  # the specification, word for word
        assert [stream >> (i * bits) & ((1 << bits) - 1) for i in range(m)] == want.tolist()
        assert stream >> (m * bits) == 0


@given(st.integers(0, 5), st.integers(1, 40), st.integers(0, 9))
def test_ternary(n, m, seed):
    codes = np.random.default_rng(seed).integers(0, 3, (n, m)).astype(np.uint8)
    packed = packing.pack_ternary(codes)
    assert packed.shape == (n, -(-m // 5))
    np.testing.assert_array_equal(packing.unpack_ternary(packed, m), codes)


@pytest.mark.parametrize("bits", packing.WIDTHS)
def test_torch_packs_alike(bits):
    torch = pytest.importorskip("torch")
    codes = np.random.default_rng(bits).integers(0, 1 << bits, (4, 13)).astype(np.uint8)
    packed = packing.pack(torch.from_numpy(codes), bits)
    np.testing.assert_array_equal(packed.numpy(), packing.pack(codes, bits))
    np.testing.assert_array_equal(packing.unpack(packed, bits, 13).numpy(), codes)
