"""The fault catalogue of polling and fetching, played by a server on loopback and met by the real client."""
