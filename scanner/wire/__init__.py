"""One module a protocol; the only place that imports wire libraries, and always late. Knows no site and no policy."""
