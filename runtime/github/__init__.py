"""What GitHub tells about a pull request: signatures, facts out of its payloads, and the state that they make."""
