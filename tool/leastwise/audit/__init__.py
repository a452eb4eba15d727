"""The monthly audit: what each principal did in a month, beside the eleven months before it.  Pure.

::

    month    calendar months in UTC, and the year that ends with one
    values   what an audit says
    uses     one principal's observations -> its actions and denials
    reach    could it have been seen? for spans of days that need not end now
    making   evidence -> audit
"""
