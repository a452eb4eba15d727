"""Evidence kept across runs: a run reads only what is new, and a use of last quarter is not forgotten.

::

    interface    Shelf: named texts that are replaced all at once, or not at all
    memory       what is kept, how far each principal was looked for, and how a run adds to it   (pure)
    files        memory <-> named texts: one for each principal, one for each source, one index   (pure)
    generations  a shelf made of objects that are written once: new ones first, the index last
    objects      where those lie: a folder of this machine, an s3:// prefix
    branch       a shelf that is one commit without history on a branch of the repository
    handed_on    a branch that is only read; what would be kept goes into a file for the next job
    borrowed     a shelf that is only read, whatever a run has to add
    keep         load, read what is new, add, swap; again if another run was faster
    address      what --state says -> a shelf
"""
