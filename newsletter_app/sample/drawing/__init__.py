"""The drawing of the sample's pictures: a sheet with colours, and what is drawn on it."""
