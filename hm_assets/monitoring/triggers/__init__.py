"""Who entered or left a segment, and the actions that a rule file asks for when somebody does."""
