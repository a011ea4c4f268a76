"""Kernel: what every room stands on (rows, transactions, rings, links, addresses); it knows no room."""
