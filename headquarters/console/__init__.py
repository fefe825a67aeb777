"""The web console for headquarters' staff: pages without scripts over the same facts and use cases as the command line."""
