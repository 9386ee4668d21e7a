"""Bills of materials: what is in each layer, as CycloneDX and as SPDX documents."""
