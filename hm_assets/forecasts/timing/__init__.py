"""When customers order next, how often they usually do, and who is later than that."""
