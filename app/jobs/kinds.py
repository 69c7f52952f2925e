"""What can be done in the background: KINDS[kind](work, report) -> the job's result as JSON.

Each can run twice and from the beginning again; what it has `kept` says from where to go on.
"""

KINDS = {}
