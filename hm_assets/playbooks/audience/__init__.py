"""Audiences: a rule, who meets it, who must not be written to, and the file that goes out."""
