"""``nightshift serve``: a light supervisor whose children are the API, the alerts and one engine per campaign."""
