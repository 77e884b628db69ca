"""Segment's spec as data and arithmetic: names, reserved fields, triggers and mappings of actions (D28, D40)."""
