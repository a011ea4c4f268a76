"""The workers' face: Celery tasks that ask the rooms; it knows neither Flask nor any rule."""
