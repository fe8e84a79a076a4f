"""The listing editor: sections that read a draft into a form and write a form back into a draft.

`controls.py` describes fields, `values.py` their inbound types, `forms.py` and `tables.py` the sections'
shapes, `sections.py` which kind of listing has which. Storing is `market.listings.service`'s business.
"""
