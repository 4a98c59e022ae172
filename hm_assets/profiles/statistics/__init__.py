"""Tests of whether groups differ, and measures of how much: what scipy and statsmodels lack, from few sums."""
