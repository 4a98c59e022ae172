"""Which kinds of customers there are: candidates, the champion, and who belongs where each month."""
