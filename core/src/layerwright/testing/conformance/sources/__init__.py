"""Checks of where distributions come from: archives in lock files, package indexes."""
