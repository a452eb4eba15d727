"""A static site about the enrolled principals: values in, path -> text out.

``build`` is the way in; it draws with Matplotlib, which is an extra, so nothing imports it at its top.
``watch``, ``granted``, ``proposed``, ``coverage``, ``people`` and ``told`` say what a page shows, ``page``
puts a principal together, ``charts`` and ``svg`` draw, and ``templates/`` lays it out.
"""
