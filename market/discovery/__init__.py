"""What visitors read before they book: home, search, listings, villages, where the money goes, the site map.

Reads only. Its pages are kept whole for visitors (`market.web.page_cache`), so their forms use GET.
"""
