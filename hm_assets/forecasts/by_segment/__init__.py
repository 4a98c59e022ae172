"""What the forecasts say of each segment, and of the customers whom somebody should look after now."""
