"""What customers will do next: who orders when, who leaves, what each is worth."""
