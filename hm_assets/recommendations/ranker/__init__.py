"""The ranker in two stages: cheap generators propose articles, boosted trees put them in order."""
