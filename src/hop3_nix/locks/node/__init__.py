"""The lockfiles of npm, pnpm and Yarn: which tarball goes where in node_modules."""
