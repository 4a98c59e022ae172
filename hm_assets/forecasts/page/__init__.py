"""The page of a month for who plans the next weeks: what customers will do, and how far to trust that."""
