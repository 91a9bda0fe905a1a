"""What people send to floor 0: its shape, never its rules."""
