"""Segments in sentences: who they are, what tells them apart, strengths, pains and opportunities."""
