"""Search: what was asked (`asked`), misspelt words (`spelling`), which listings match (`finding`), `cards`."""
