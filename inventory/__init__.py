"""What is on the network: what the owner says and what was seen. Knows no rule, no report and no socket."""
