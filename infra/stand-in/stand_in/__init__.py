"""AWS on one loopback port, for tests and rehearsals."""
