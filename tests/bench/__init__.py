"""The benchmark's own tests: what it counts, what it voids, and one quick run of the whole."""
