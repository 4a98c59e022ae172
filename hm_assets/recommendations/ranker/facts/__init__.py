"""What is known of articles, customers, and a customer's dealings with an article, as of a day."""

NEVER = 9_999
"""Days since what never happened: longer ago than anything, so that no feature is ever missing."""
