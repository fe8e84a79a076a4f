"""The top floor: puts the features together into a web app, a worker and a command line."""
