"""Which of several points are best in several objectives at once."""

import numpy as np


def undominated(values: np.ndarray) -> list[int]:
    """Return the rows of values, shape (points, objectives), larger ones better, that no other beats.

    The best by the first objective, then by the others, come first: whatever beats a row comes before it, so that each is
    compared with the few that stand, and not with all.
    """
    standing: list[int] = []
    for index in np.lexsort(-values.T[::-1]):
        others, row = values[standing], values[index]
        if not np.any(np.all(others >= row, axis=1) & np.any(others > row, axis=1)):
            standing.append(int(index))
    return standing
