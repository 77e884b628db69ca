"""What the Test Suite sends. `runtime.samples` is the way in.

case      one case, and the groups with what each proves      story     core (D26) and deletion (D34)
making    events around one persona                           habits    alias, bad_key, duplicate, out_of_order
shapes    missing_fields, casing, unicode, large, burst
"""
