"""Warnings about an application and its surroundings."""
