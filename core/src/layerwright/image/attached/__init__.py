"""Documents that are attached to images: bills of materials, provenance, signatures."""
