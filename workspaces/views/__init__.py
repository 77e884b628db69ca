"""The pages of workspaces, sources and destinations."""
