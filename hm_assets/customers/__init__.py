"""Who the customers are: attributes recoded as what they mean. An empty FN or Active is a no, not a gap."""
