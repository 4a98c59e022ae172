"""Whole runs, servers, browsers and faults."""
