"""The same models on Spark: the raw tables as a lakehouse holds them, and the models' SQL in Spark's words."""
