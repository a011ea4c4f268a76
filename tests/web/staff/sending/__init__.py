"""The pages from which mail goes out."""
