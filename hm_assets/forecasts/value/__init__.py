"""What customers will spend within 90 days and a year, with an interval for each, learned from past month ends."""
