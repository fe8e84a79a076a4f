# One image for web, worker and backups. The base is a plain Python; dependencies are pinned with hashes.
# Debian's release decides the version of pg_dump, which must not be older than the database of docker-compose.yml.
FROM python:3.11-slim-trixie
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY main.py ./
COPY market ./market
COPY locales ./locales
COPY static ./static
RUN python -m compileall -q market && useradd --system --home /app benang && mkdir /data /backups && chown benang /data /backups
USER benang
EXPOSE 8000
CMD ["python", "-m", "market", "web"]
