"""What the `hm` commands do, as plain functions that take settings and return what to print."""
