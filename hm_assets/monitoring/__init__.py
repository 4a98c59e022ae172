"""What watches: it reads what the stages above made, and changes nothing in them."""
