"""The process tree of `manage.py run`: children that are watched, restarted, and never left behind."""
