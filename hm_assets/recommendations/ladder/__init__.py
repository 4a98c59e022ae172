"""The recommenders, simplest first, behind one interface."""
