"""Purchases from files: spreadsheets, UBL and Coretax, from upload to a batch that can be undone."""
