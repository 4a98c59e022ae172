"""Names of segments: a classic name where its definition holds, and words that hold on the data."""
