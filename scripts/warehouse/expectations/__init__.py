"""The gates: what may be built on, what may be shown; suites from the contract, run by Great Expectations."""
