"""The door and the frame of the desk's pages, which `accounts.desk` keeps for every package."""

from accounts.desk import desk_page, see, show

__all__ = ["desk_page", "see", "show"]
