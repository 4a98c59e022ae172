"""The portal: documents in a browser, read from disk at every request."""
