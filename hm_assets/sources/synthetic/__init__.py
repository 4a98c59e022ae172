"""A synthetic retailer in the H&M Kaggle layout, with the truth behind it written beside the files."""
