"""What it is worth to act on a forecast: campaigns, their assumptions, and whom to contact."""
