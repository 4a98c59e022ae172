"""Customer segmentation for fashion retail as a Dagster asset graph."""
