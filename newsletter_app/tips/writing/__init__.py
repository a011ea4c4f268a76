"""Writing a tip: its parts saved as revisions, compared, approved and released; nothing typed is dropped."""
