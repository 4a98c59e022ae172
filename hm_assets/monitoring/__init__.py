"""What watches the warehouse and keeps it in order: it makes nothing that the stages above read."""
