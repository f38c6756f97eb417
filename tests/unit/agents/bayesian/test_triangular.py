"""Products with a lower triangle are those with the whole matrix, however many blocks it falls into."""

import numpy as np
import pytest

from agents.bayesian.triangular import lower_times, transposed_times, turned_lower, with_row


@pytest.mark.parametrize("n", [0, 1, 127, 128, 129, 256, 300])
@pytest.mark.parametrize("shape", [(), (1,), (5,)])
def test_a_product_is_that_of_the_whole_matrix(n: int, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(n)
    lower, columns = np.tril(rng.standard_normal((n, n))), rng.standard_normal((n, *shape))
    np.testing.assert_allclose(lower_times(lower, columns), lower @ columns, atol=1e-12)
    np.testing.assert_allclose(transposed_times(lower, columns), lower.T @ columns, atol=1e-12)


def test_columns_may_be_stored_either_way() -> None:
    rng = np.random.default_rng(0)
    lower, columns = np.tril(rng.standard_normal((300, 300))), np.asfortranarray(rng.standard_normal((300, 4)))
    np.testing.assert_allclose(lower_times(lower, columns), lower @ columns, atol=1e-12)
    np.testing.assert_allclose(transposed_times(lower, columns), lower.T @ columns, atol=1e-12)


@pytest.mark.parametrize("n", [0, 1, 128, 300])
def test_a_row_more_leaves_the_rest_as_it_is(n: int) -> None:
    rng = np.random.default_rng(n)
    lower, row = np.tril(rng.standard_normal((n, n))), rng.standard_normal(n + 1)
    grown = with_row(lower, row)
    np.testing.assert_array_equal(grown, np.vstack([np.hstack([lower, np.zeros((n, 1))]), row]))


def test_a_matrix_is_turned_into_a_triangle() -> None:
    matrix = np.random.default_rng(0).standard_normal((7, 7))
    lower, rotation = turned_lower(matrix)
    np.testing.assert_allclose(lower, np.tril(lower), atol=1e-12)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(7), atol=1e-12)
    np.testing.assert_allclose(rotation @ matrix, lower, atol=1e-12)
