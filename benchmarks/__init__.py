"""What `make bench` runs: this product beside the same two endpoints in plain Django and in plain FastAPI."""
