"""Small public data sets of R and of papers, on which others have published results."""

import numpy as np

# R's `PlantGrowth` (Dobson 1983): dried weight of plants, control and two treatments.
PLANT_GROWTH = {
    "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
}
# R's `InsectSprays` (Beall 1942): insects counted after each of six sprays.
INSECT_SPRAYS = {
    "A": [10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13],
    "B": [11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    "C": [0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4],
    "D": [3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    "E": [3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4],
    "F": [11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
}


def stacked(data):
    """(groups, values, k) of a data set with a list per group."""
    lists = [np.asarray(values, dtype=float) for values in data.values()]
    groups = np.repeat(np.arange(len(lists)), [len(values) for values in lists])
    return groups, np.concatenate(lists), len(lists)
