"""What HTTP and the socket share: the open house, who is asking, origins, cookies, headers."""
