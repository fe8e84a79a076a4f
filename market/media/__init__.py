"""Pictures and files: covers woven from a slug (`ikat`), photographs (`variants`), bytes kept (`storage`).

What a listing or a receipt does with a file belongs to that feature, not here.
"""
