"""Publishing proposals: a family of publishers behind one interface.

``interface`` says what a publisher does; ``preview`` writes into a folder and ``git`` pushes branches;
``names`` and ``patch`` are what they share.
"""
