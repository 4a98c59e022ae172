"""What watches: drift, how well the champion still fits, and whether to retrain."""
