"""What the `hm` command does, as plain functions: they take settings and return what to print."""
