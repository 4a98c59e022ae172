"""Why a model says so: drivers of each customer, importance of each input, and two ways to look again."""
