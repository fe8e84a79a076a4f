"""Places that keep bytes. Each module is one adapter of `market.media.storage.Storage`."""
