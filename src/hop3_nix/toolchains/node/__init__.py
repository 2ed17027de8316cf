"""Node: from package.json and the lockfiles of npm, pnpm and Yarn to a plan."""
