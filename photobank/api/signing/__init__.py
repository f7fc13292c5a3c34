"""The pages of who signs: no account, no framework, a few kilobytes (docs/adr/0081-signing.md)."""
