"""Where marts are published: files of a generation (DuckDB, Parquet, CSV, Hyper) and a PostgreSQL server.

Every target is written from the same tables and read back; what differs from the build is not shown.
"""
