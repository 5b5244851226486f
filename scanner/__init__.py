"""The doors to the network, the pipeline from site to snapshot, and the command line. The outermost layer."""
