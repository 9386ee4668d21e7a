"""Signatures of what is said about an image, as cosign has them."""
