"""What each segment is like beside the whole base, with intervals; and a name that holds on the data."""
