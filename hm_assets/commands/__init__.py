"""The commands of `hm` that are more than a call: plain functions that take settings and return what to print."""
