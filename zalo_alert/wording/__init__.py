"""What an alert's words must say and how they may look, checked over what people will read. Knows no run and no screen."""
