"""The rules behind `routing_v0`: rounds, the users in them, and an account of what they came to."""
