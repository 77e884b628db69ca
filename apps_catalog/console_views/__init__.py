"""The pages below /apps/: one module per page or pair of pages."""
