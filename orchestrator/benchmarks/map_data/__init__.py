"""Maps that others measured, bundled with source and licence; see README.md beside this file."""
