"""The delivered files as tables, line by line: what was accepted, what was refused and why; nothing is lost."""
