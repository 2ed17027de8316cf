"""What stands in front of the workers of a release and moves requests to the next one."""
