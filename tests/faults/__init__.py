"""Nothing lost, nothing twice: real processes are killed, frozen and cut off, and the database is asked afterwards.

`make faults` runs everything; the tests of this folder run a little of each. docs/reliability.md has the results.
"""
