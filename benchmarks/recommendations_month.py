"""Seconds and memory of the recommendations at H&M's size: `python -m benchmarks.recommendations_month RAW WAREHOUSE`.

`hm run` of the ranker and of everybody's lists for the latest month at full depth, on a warehouse whose articles,
features and segments are made. With `--all` all tables of the stage, those that judge among them.
"""

import argparse

from benchmarks import measure

LISTS = ("ranker", "customers")
REST = (
    "back_test",
    "scoreboard",
    "segments",
    "segment_styles",
    "rules",
    "bought_together",
    "complement_scores",
    "cross_sell",
    "lookalike_scores",
    "launch_model",
    "launch_scores",
    "launches",
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw")
    parser.add_argument("warehouse")
    parser.add_argument("--all", action="store_true")
    asked = parser.parse_args()
    names = (*LISTS, *REST) if asked.all else LISTS
    measure.save("recommendations_month", measure.made(asked.raw, asked.warehouse, "recommendations", names))
