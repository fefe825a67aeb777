"""Tools around the engine that may read files: pack building, running and testing from the command line."""
