"""The photobank command."""
