"""What the report and the Dagster UI show of the lab."""
