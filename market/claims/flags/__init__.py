"""What looks unusual about a claim: one pure rule a module, all evaluated on rows read once (`facts`)."""
