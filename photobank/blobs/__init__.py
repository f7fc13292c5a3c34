"""Where encrypted bytes lie."""
