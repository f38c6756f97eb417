"""A campaign as a table or a report."""
