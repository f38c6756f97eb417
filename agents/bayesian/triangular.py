"""Products with a lower triangle, leaving out the half of it that is zeros.

They go through it by blocks of rows, each of which stays in the processor's cache while all columns are multiplied by it:
a thousand rows and three columns take a third of the time of a whole product. BLAS's own triangular products write over
their argument, a column after the other, and are slower than whole ones for few columns.
"""

import numpy as np

_ROWS = 128
"""To a block. Triangles of no more rows are multiplied whole."""


def lower_times(lower: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return ``lower @ columns`` of shapes (n, n) and (n,) or (n, columns)."""
    if len(lower) <= _ROWS:
        return lower @ columns
    out = np.empty(columns.shape)
    for start in range(0, len(lower), _ROWS):
        end = start + _ROWS
        np.matmul(lower[start:end, :end], columns[:end], out=out[start:end])
    return out


def transposed_times(lower: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return ``lower.T @ columns`` of shapes (n, n) and (n,) or (n, columns)."""
    if len(lower) <= _ROWS:
        return lower.T @ columns
    out = np.zeros(columns.shape)
    for start in range(0, len(lower), _ROWS):
        end = start + _ROWS
        out[:end] += lower[start:end, :end].T @ columns[start:end]
    return out


def with_row(lower: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return the triangle with one row more, of shapes (n, n) and (n + 1,): what is zeros is not copied."""
    n = len(lower)
    out = np.zeros((n + 1, n + 1))
    for start in range(0, n, _ROWS):
        end = min(start + _ROWS, n)
        out[start:end, :end] = lower[start:end, :end]
    out[n] = row
    return out


def turned_lower(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a lower triangle and the rotation that makes it of a matrix, ``rotation @ matrix``, all of shape (n, n)."""
    rotation, upper = np.linalg.qr(matrix[:, ::-1])
    return np.ascontiguousarray(upper[::-1, ::-1]), rotation[:, ::-1].T
