// The headers are what it is for.
