"""Who moved between segments in a month and why, who is about to, how stable segments are, how large they will be."""
