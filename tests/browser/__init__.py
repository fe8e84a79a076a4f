"""Journeys and page rules in a real browser, over a real server with demo content. Skipped without Chromium.

`conftest.py` starts the server and the browser, `walking.py` does what people do, `places.py` lists the pages once.
"""
