"""Pulling systems through their public APIs into the folders that the loader reads."""
