"""The model that places every customer, month after month."""
