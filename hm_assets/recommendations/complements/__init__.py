"""What is bought together: rules of baskets, lists per article, and what a segment lacks beside what it has."""
