"""Client, widgets and magics for notebooks."""
