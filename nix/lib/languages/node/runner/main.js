// The part of npm, pnpm, yarn and bun that applications call in their own scripts: running scripts and
// programs of packages that are installed. It installs nothing and needs no network.
//
// usage: main.js MANAGER REAL ARGUMENT...   (REAL: the manager itself, or empty)
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { EXEC, INSTALL, LIFECYCLE, OF_BUN, RUN, readOptions } = require("./words.js");
const { membersOf, ordered, packageOf, readManifest, rootOf, select } = require("./workspaces.js");

const SHELL = process.env.HOP3_RUNNER_SHELL || "/bin/sh";

class Problem extends Error {}

// Returns the exit status of `argv`, to which the usual signals are passed on.
function run(argv, directory, environment) {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), {
      cwd: directory,
      env: environment,
      stdio: "inherit",
      argv0: argv[0] === SHELL ? "sh" : argv[0],
    });
    const signals = ["SIGTERM", "SIGINT", "SIGHUP"];
    const pass = (signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, pass);
    const end = (settle) => {
      for (const signal of signals) process.off(signal, pass);
      settle();
    };
    child.on("error", (error) => end(() => reject(new Problem(`${argv[0]}: ${error.message}`))));
    child.on("exit", (code, signal) =>
      end(() => resolve(signal ? 128 + require("node:os").constants.signals[signal] : code)),
    );
  });
}

const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`);

function searchPath(directory) {
  const folders = [];
  for (let each = path.resolve(directory); ; each = path.dirname(each)) {
    if (path.basename(each) !== "node_modules") folders.push(path.join(each, "node_modules", ".bin"));
    if (each === path.dirname(each)) break;
  }
  return [...folders, process.env.PATH ?? ""].join(path.delimiter);
}

// What npm tells a script (https://docs.npmjs.com/cli/using-npm/scripts#environment).
function environmentOf(directory, manifest, event, script) {
  const config = Object.entries(manifest.config ?? {}).map(([name, value]) => [
    `npm_package_config_${name}`,
    String(value),
  ]);
  return {
    ...process.env,
    ...Object.fromEntries(config),
    PATH: searchPath(directory),
    INIT_CWD: process.env.INIT_CWD ?? process.cwd(),
    NODE: process.execPath,
    npm_command: "run-script",
    npm_lifecycle_event: event,
    npm_lifecycle_script: script,
    npm_node_execpath: process.execPath,
    npm_package_json: path.join(directory, "package.json"),
    npm_package_name: String(manifest.name ?? ""),
    npm_package_version: String(manifest.version ?? ""),
  };
}

async function runScript(directory, event, rest) {
  const manifest = readManifest(directory) ?? {};
  const scripts = manifest.scripts ?? {};
  const words = [`pre${event}`, event, `post${event}`].filter((name) => scripts[name]);
  for (const name of words) {
    const line = [scripts[name], ...(name === event ? rest.map(quoted) : [])].join(" ");
    console.error(`> ${manifest.name ?? path.basename(directory)} ${name}\n> ${line}\n`);
    const status = await run([SHELL, "-c", line], directory, environmentOf(directory, manifest, name, line));
    if (status) return status;
  }
  return 0;
}

// Runs script `event` in each of `places`, one after the other, up to the first that fails.
async function runIn(places, event, rest, ifPresent) {
  for (const directory of places) {
    const manifest = readManifest(directory) ?? {};
    const scripts = manifest.scripts ?? {};
    if (scripts[event] === undefined) {
      if (event === "start" && fs.existsSync(path.join(directory, "server.js"))) {
        const environment = environmentOf(directory, manifest, event, "node server.js");
        const status = await run([process.execPath, "server.js", ...rest], directory, environment);
        if (status) return status;
        continue;
      }
      if (ifPresent || event === "restart") continue;
      const there = Object.keys(scripts).join(", ") || "none";
      throw new Problem(`there is no script "${event}" in ${directory}/package.json; there are: ${there}`);
    }
    const status = await runScript(directory, event, rest);
    if (status) return status;
  }
  return 0;
}

async function runProgram(directory, words) {
  const rest = [...words];
  while (rest.length && rest[0].startsWith("-")) {
    const option = rest.shift();
    if (option === "--") break;
    if (["-p", "--package"].includes(option)) rest.shift();
    if (["-c", "--call"].includes(option)) {
      const environment = { ...process.env, PATH: searchPath(directory) };
      return run([SHELL, "-c", rest.join(" ")], process.cwd(), environment);
    }
  }
  if (!rest.length) throw new Problem("a program has to be named");
  // A version behind the name would be fetched; what is locked is there already.
  const name = rest[0].replace(/(?<=.)@[^/]*$/, "").split("/").pop();
  const environment = { ...process.env, PATH: searchPath(directory) };
  const there = environment.PATH.split(path.delimiter).map((folder) => path.join(folder, name));
  if (!there.some((file) => fs.existsSync(file))) {
    throw new Problem(
      `no installed package has a program "${name}", and none can be fetched: there is no network. ` +
        "Add the package to package.json and lock again.",
    );
  }
  return run([name, ...rest.slice(1)], process.cwd(), environment);
}

function install(directory, words) {
  const names = words.filter((word) => !word.startsWith("-"));
  const missing = names.filter((name) => {
    const plain = name.replace(/(?<=.)@[^/]*$/, "");
    return !searchPath(directory)
      .split(path.delimiter)
      .some((bin) => fs.existsSync(path.join(path.dirname(bin), plain)));
  });
  if (missing.length) {
    throw new Problem(
      `${missing.join(", ")}: nothing is fetched here, so that only what is locked gets in. ` +
        "Add it to package.json and lock again.",
    );
  }
  const asked = readManifest(directory) ?? {};
  const wanted = Object.keys({ ...asked.dependencies });
  const lost = wanted.filter((name) =>
    !searchPath(directory).split(path.delimiter).some((bin) => fs.existsSync(path.join(path.dirname(bin), name))),
  );
  if (lost.length) {
    throw new Problem(
      `${directory}/package.json requires ${lost.join(", ")}, which is not installed. Make the ` +
        "directory a workspace, or commit a lockfile in it.",
    );
  }
  console.error("what is locked is installed already");
  return 0;
}

// Returns the directories that the options mean.
function placesOf(asked, start) {
  const here = asked.directory ? path.resolve(start, asked.directory) : start;
  if (asked.directory && !fs.existsSync(here)) throw new Problem(`there is no directory ${here}`);
  if (asked.top) return [rootOf(here)];
  if (!asked.members.length && !asked.every) return [packageOf(here)];
  const root = rootOf(here);
  const members = membersOf(root);
  if (asked.every && !asked.members.length) return ordered(members).map((member) => member.directory);
  const chosen = new Set();
  for (const word of asked.members) {
    const found = select(root, members, word, here);
    if (found === null) throw new Problem(`the filter ${word} is not understood here: name the package`);
    if (!found.length) throw new Problem(`there is no workspace ${word} below ${root}`);
    found.forEach((member) => chosen.add(member));
  }
  return ordered([...chosen]).map((member) => member.directory);
}

async function act(manager, words) {
  const asked = readOptions(manager, words);
  let [command, ...rest] = asked.words;
  const start = process.cwd();
  if (manager === "yarn" && command === "workspace") {
    asked.members.push(rest[0]);
    [command, ...rest] = rest.slice(1);
  } else if (manager === "yarn" && command === "workspaces") {
    asked.every = true;
    [command, ...rest] = rest[0] === "foreach" ? afterOptions(rest.slice(1), asked) : rest;
  }
  const places = () => placesOf(asked, start);
  if (manager === "bun" && !EXEC.has(command) && !INSTALL.has(command)) {
    const named = RUN.has(command) ? rest[0] : command;
    const isScript = (readManifest(places()[0])?.scripts ?? {})[named] !== undefined;
    if (!isScript && RUN.has(command) && /^[^-./][^./]*$/.test(named)) return runProgram(places()[0], rest);
    // What Bun itself runs, bundles or tests is not done by Node.
    if (!isScript || OF_BUN.has(command)) return null;
  }
  const plain = rest[0] === "--" ? rest.slice(1) : rest.filter((word) => word !== "--" || manager !== "npm");
  if (RUN.has(command)) {
    if (!plain.length) throw new Problem("a script has to be named");
    const [event, ...more] = plain;
    return runIn(places(), event, more[0] === "--" ? more.slice(1) : more, asked.ifPresent || asked.every);
  }
  if (command in LIFECYCLE) return runIn(places(), LIFECYCLE[command], plain, asked.ifPresent);
  if (EXEC.has(command)) return runProgram(places()[0], rest);
  if (command === undefined ? manager === "yarn" : INSTALL.has(command)) return install(places()[0], plain);
  if (manager !== "npm" && command === "node") return run([process.execPath, ...rest], start, process.env);
  if (manager !== "npm" && command !== undefined && !command.startsWith("-")) {
    const [place] = places();
    if ((readManifest(place)?.scripts ?? {})[command] !== undefined) {
      return runIn(places(), command, plain, asked.ifPresent);
    }
    return runProgram(place, [command, ...plain]);
  }
  return null;
}

// Reads the options of "yarn workspaces foreach", and returns what is behind them.
function afterOptions(words, asked) {
  const rest = [...words];
  while (rest.length && rest[0].startsWith("-")) {
    const option = rest.shift();
    if (["--include", "--from"].includes(option)) asked.members.push(rest.shift());
    else if (["--exclude", "--since"].includes(option)) throw new Problem(`${option} is not understood here`);
    else if (["-j", "--jobs"].includes(option)) rest.shift();
  }
  return rest;
}

async function main([name, real, ...words]) {
  const managers = { npx: "npm", pnpx: "pnpm", yarnpkg: "yarn", bunx: "bun" };
  const manager = managers[name] ?? name;
  const status =
    name === "npx" || name === "pnpx" || name === "bunx"
      ? await runProgram(packageOf(process.cwd()), words)
      : await act(manager, words);
  if (status !== null) return status;
  if (real) return run([real, ...words], process.cwd(), process.env);
  throw new Problem(`"${[name, ...words].join(" ")}" is not understood: ${name} itself is not here`);
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    if (!(error instanceof Problem)) throw error;
    console.error(`${process.argv[2]}: ${error.message}`);
    process.exitCode = 1;
  },
);
