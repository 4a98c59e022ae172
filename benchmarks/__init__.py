"""Time the platform against bare tools on the same files in the same run; figures are ratios, medians of several."""
