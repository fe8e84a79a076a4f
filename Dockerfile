# One image for web and worker. The base is a plain Python; dependencies are pinned with hashes.
FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY main.py ./
COPY market ./market
COPY locales ./locales
COPY static ./static
RUN python -m compileall -q market && useradd --system --home /app benang && mkdir /data && chown benang /data
USER benang
EXPOSE 8000
CMD ["python", "-m", "market", "web"]
