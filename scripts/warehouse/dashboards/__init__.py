"""Dashboards as HTML files that need nothing but a browser (docs/decisions/0062)."""
