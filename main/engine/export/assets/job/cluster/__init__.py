"""Trains the towers of `two_tower` on several processes, its tables split over others."""
