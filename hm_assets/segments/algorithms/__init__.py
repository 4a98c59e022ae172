"""The algorithms of the lab, a module per family; each is a `fitting.Fit`, and `catalogue` lists them.

Here is what learns from points. What the points are is in `inputs` and `space`, what is left of a fit in `models`;
which k and which algorithm deserve to win is judged elsewhere, by the same measures for all.
"""
