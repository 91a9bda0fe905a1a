"""The roof: settings, urls, Celery and the embedded services. `web` and `database` below it are the cellar."""
