"""The metrics store: every figure that a document may print, once a month, with the table and version it stands in."""
