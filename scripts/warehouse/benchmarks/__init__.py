"""Benchmarks: inputs by a seed, each step in a process of its own, figures beside what they must stay below."""
