"""Sample content for a try-out: an organisation, its notices, tips in both languages, and their pictures."""
