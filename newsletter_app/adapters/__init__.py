"""Adapters: the hands behind the ports (broker, processes, backups); rooms never import them."""
