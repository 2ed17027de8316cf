"""What a worker is: its kind, schedule, environment, directory and health, each decided once.

Standard library only, and Python 3.9: the post-build step imports it inside of a build.
"""
