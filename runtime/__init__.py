"""What touches the world, in pure Python: no Django, no Celery (import-linter holds it)."""
