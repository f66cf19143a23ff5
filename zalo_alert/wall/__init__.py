"""The wall screen: a workspace's runs in a browser, read only, for an office that looks on from four metres."""
