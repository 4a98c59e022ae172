"""Every algorithm tried and judged in the same way."""
