"""Are the segments real: every difference between them labelled by what it can prove, with its size first."""
