"""When the steps run and in what order, never whether they may."""
