"""`make bench`: how long the pages take, beside a floor measured on the same server in the same run.

The floor is an empty view and a list of 20 rows from one query, behind the same middleware and log-in as
the product's own pages (bench/urls.py). Ratios to it hold across machines; milliseconds do not.
"""
