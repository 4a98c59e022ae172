"""Tests of lookalikes."""
