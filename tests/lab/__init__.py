"""A practice LAN in network namespaces, with real daemons, that a test makes and removes itself.

`hosts.py` says what is on it, `daemons.py` how each service is started, `lab.py` builds it, `fixture.py` hands it
to pytest. Nothing here knows Vigie: the lab only ever sees packets.
"""
