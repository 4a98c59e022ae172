"""What each customer will want next, what goes together, and whom a new garment is for."""
