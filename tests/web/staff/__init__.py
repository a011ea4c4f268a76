"""The console's pages, and the people who use them."""
