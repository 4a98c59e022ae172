"""What is sold: facts about each article."""
