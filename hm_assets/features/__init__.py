"""What a customer did, as of a month end: no number here sees a day after its `as_of`."""
