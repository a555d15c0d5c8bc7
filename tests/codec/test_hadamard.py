import numpy as np
import pytest

from attar.codec.hadamard import sylvester, walsh_by_matrices, walsh_reference


@pytest.mark.parametrize("size", [1, 2, 4, 8, 64, 128, 1024])
def test_two_small_products_are_the_transform(size):
    x = np.random.default_rng(size).normal(size=(3, 2, size)).astype(np.float32)
    found, want = walsh_by_matrices(x), walsh_reference(x)
    np.testing.assert_allclose(found, want, atol=1e-5 * size**0.5)


@pytest.mark.parametrize("bits", range(6))
def test_the_matrix_is_the_kronecker_power(bits):
    want = np.ones((1, 1), np.float32)
    for _ in range(bits):
        want = np.kron(want, np.array([[1, 1], [1, -1]], np.float32))
    np.testing.assert_array_equal(sylvester(bits), want)
