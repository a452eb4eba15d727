"""The values that pass between the stages.  Frozen, standard library only.

Built from the ground up; each level knows only those above it in this list::

    request     AuthorizationRequest: action x resource x context
    event       Event: one CloudTrail record, with its Locator
    evidence    Observation, Coverage, Evidence
    declared    Principal, Trial, Keep, Source, Declaration
    policies    PolicyFile, Policies: what the files below policies/ say
    finding     what comparing a policy with evidence says, grant by grant
    check       what `leastwise doctor` finds out about a source
    proposal    Proposal, Withheld, Proof, Outcome
"""
