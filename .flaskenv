# Read by .venv/bin/flask in this folder, so that its commands find the application.
FLASK_APP=newsletter_app
