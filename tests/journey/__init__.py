"""The product as people use it: who they are, what they read in their mail, and what they do on which page.

Nothing here looks into the database: what is not on a page or in a mail does not exist for these people.
"""
