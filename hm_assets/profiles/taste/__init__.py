"""What a segment buys more of than the base: products, looks and price bands."""
