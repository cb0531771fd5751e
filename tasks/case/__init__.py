"""The cabinet all steps work from: the store, the chains, the case."""
