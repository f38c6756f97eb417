"""The dashboard: static pages, styles and ES modules, served by the API and fed by it alone."""
