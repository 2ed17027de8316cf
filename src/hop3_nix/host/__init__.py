"""This machine: processes, the state directory, limits, interrupts, free space."""
