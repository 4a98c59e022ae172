"""How many units each segment will buy of each category in the coming months."""
