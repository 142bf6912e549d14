"""The demo company: a French B2B software company simulated over three years, its exports and the true KPIs."""
