"""What is delivered and what can be made in its place: the input contract, the generator, real public data."""
