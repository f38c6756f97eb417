"""What is too heavy for the API's own process: posterior slices, reports and tables are made by query workers."""
