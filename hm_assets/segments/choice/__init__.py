"""From what was measured to one candidate, with the reasons in words."""
