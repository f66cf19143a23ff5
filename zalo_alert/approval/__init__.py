"""Who agreed to what: officers and their keys, signatures, and the request that they sign."""
