"""The documentation site of a publication: static pages that open from disk, without a network."""
