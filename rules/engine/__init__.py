"""The pure engine: a signed pack and the facts of one policy go in, an explained decision comes out."""
