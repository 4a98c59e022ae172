"""Customers who are like a given set of customers, and whether they do later what those did."""
