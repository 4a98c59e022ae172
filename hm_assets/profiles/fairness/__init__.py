"""Whether age groups are treated alike, and what must not be told of few people."""
