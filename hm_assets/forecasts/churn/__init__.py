"""Models of whether a customer orders within 30, 60 and 90 days, learned from past month ends."""
