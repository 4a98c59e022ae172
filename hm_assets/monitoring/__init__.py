"""What watches: incidents, and whether what is there still holds. It makes nothing that others read."""
