"""How good a forecast was, with intervals over customers."""
