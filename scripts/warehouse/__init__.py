"""The package the commands in `scripts/` share: contract, loader, pipeline, publishing, demo company."""
