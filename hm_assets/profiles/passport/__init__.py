"""Whether the segments may be published: what was measured of each, held against its threshold, and who signed."""
