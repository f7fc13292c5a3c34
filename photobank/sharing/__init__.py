"""Photos for people without an account: links, embeds, and what holds them in."""
