"""Which articles to show to whom, and why: a list for every customer, and one for every segment."""
