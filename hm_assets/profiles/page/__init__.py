"""Who the segments are, as a page of pictures for one month."""
