"""What the data say before any model: facts about all customers and all sales as of a month end, and a report of them.

What belongs here: facts that describe (distributions, relations, tests of hypotheses, seasons, cohorts, categories,
prices) as small tables, made on the engine from all rows, and the page that shows them. Nothing here feeds a model.
"""
