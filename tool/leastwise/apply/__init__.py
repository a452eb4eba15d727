"""Plans carried out in AWS, each step once, and what was done written down.

::

    hands           what does one step, and reads the one thing that it changes
    iam_hand        of users and roles
    set_hand        of permission sets, and their provisioning to its end
    execute         a plan, step by step, from wherever it stands
    journal         what was written, kept beside the evidence
    journal_files   its records <-> named texts   (pure)
"""
