"""The dashboard: one page for a browser, that opens from disk, in which a person explores the segments of a month."""
