"""Pages of this package: `applying` (the way in), `company` (its people and its end), `invitations`."""
