"""Playbooks: what each segment is and what to do about it, as documents to read, print and download."""
