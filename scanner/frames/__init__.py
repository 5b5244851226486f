"""Frames into facts: a saved capture and a live socket are heard by the same functions. Pure.

`saved` gives the frames of a file, `sieve` decides by a few bytes which of them matter, one file a protocol reads them,
`hearing` puts together what each device said.
"""
