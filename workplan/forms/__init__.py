"""What people send, parsed and checked, before an action is called."""
