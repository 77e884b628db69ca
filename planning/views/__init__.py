"""Pages of the plan and the set-up guide in the console, and the plans' part of the desk."""
