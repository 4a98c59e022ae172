"""The portal and the API: documents, pages and predictions from what the newest finished month says."""
