// The package.json files of an application, and which of them a word of a package manager means.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const LEFT_OUT = new Set(["node_modules", ".git"]);

// Returns the content of a package.json, or null if there is none.
function readManifest(directory) {
  try {
    return JSON.parse(fs.readFileSync(path.join(directory, "package.json"), "utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  }
}

// Returns the nearest directory at or above `start` that `accepts`, or null.
function above(start, accepts) {
  for (let directory = path.resolve(start); ; directory = path.dirname(directory)) {
    if (accepts(directory)) return directory;
    if (directory === path.dirname(directory)) return null;
  }
}

const hasManifest = (directory) => fs.existsSync(path.join(directory, "package.json"));

// Returns the directory of the package that `start` belongs to.
const packageOf = (start) => above(start, hasManifest) ?? path.resolve(start);

function declaresWorkspaces(directory) {
  if (fs.existsSync(path.join(directory, "pnpm-workspace.yaml"))) return true;
  return Boolean(hasManifest(directory) && readManifest(directory).workspaces);
}

// Returns the top of the workspaces that `start` is in, or its own package.
const rootOf = (start) => above(start, declaresWorkspaces) ?? packageOf(start);

// Returns the packages below `root`, itself left out: {name, directory, manifest}, by directory.
function membersOf(root) {
  const found = [];
  const walk = (directory) => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      if (!entry.isDirectory() || LEFT_OUT.has(entry.name)) continue;
      const below = path.join(directory, entry.name);
      const manifest = readManifest(below);
      if (manifest) found.push({ name: String(manifest.name ?? ""), directory: below, manifest });
      walk(below);
    }
  };
  walk(root);
  return found.sort((one, other) => (one.directory < other.directory ? -1 : 1));
}

// Returns `members` so that each comes behind those that it depends on.
function ordered(members) {
  const byName = new Map(members.map((member) => [member.name, member]));
  const done = [];
  const visit = (member, trail) => {
    if (done.includes(member) || trail.includes(member)) return;
    const { dependencies, devDependencies, optionalDependencies } = member.manifest;
    for (const name of Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
      if (byName.has(name)) visit(byName.get(name), [...trail, member]);
    }
    done.push(member);
  };
  for (const member of members) visit(member, []);
  return done;
}

function asExpression(glob) {
  const text = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*\*/g, "\0").replace(/\*/g, "[^/]*");
  return new RegExp(`^${text.replace(/\0/g, ".*")}$`);
}

// Returns the members of `root` that `word` means: a name, a path, or a pattern of either.
// pnpm's "NAME..." are also what NAME depends on.
function select(root, members, word, start) {
  const more = word.endsWith("...") || word.endsWith("^...");
  const plain = word.replace(/\^?\.\.\.$/, "").replace(/^\{(.*)\}$/, "$1");
  if (plain.startsWith("...") || plain.startsWith("[") || plain.startsWith("!")) return null;
  const byPath = path.resolve(plain.startsWith(".") ? start : root, plain);
  const pattern = asExpression(plain);
  const pathPattern = asExpression(byPath);
  const chosen = members.filter(
    (member) => pattern.test(member.name) || pathPattern.test(member.directory),
  );
  if (!chosen.length && !plain.includes("*")) {
    // npm and pnpm let the scope be left out, if that is not ambiguous.
    const short = members.filter((member) => member.name.split("/").pop() === plain);
    if (short.length === 1) chosen.push(...short);
  }
  if (!more) return chosen;
  const names = new Set();
  const add = (member) => {
    if (names.has(member)) return;
    names.add(member);
    const all = { ...member.manifest.dependencies, ...member.manifest.devDependencies };
    for (const other of members) if (other.name in all) add(other);
  };
  chosen.forEach(add);
  return [...names].filter((member) => !word.endsWith("^...") || !chosen.includes(member));
}

module.exports = { membersOf, ordered, packageOf, readManifest, rootOf, select };
