"""From tables to numbers: DataFrames in, values out, pure."""
