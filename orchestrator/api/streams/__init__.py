"""Server-sent events: one follower per campaign, however many watch it; a slow client slows nobody and loses nothing."""
