"""What to do about each segment, from facts: the card, the plans, the decision matrix and the calendar."""
