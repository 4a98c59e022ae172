"""What watches the warehouse and keeps it in order."""
