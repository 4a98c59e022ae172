"""How good a clustering is, and how much of that a cloud without segments reaches too."""
