// What npm, pnpm, yarn and bun are asked for: their options and commands, as far as they run something.
"use strict";

const DIRECTORY = {
  npm: ["--prefix", "-C"],
  pnpm: ["-C", "--dir", "--prefix"],
  yarn: ["--cwd"],
  bun: ["--cwd"],
};
const MEMBER = {
  npm: ["-w", "--workspace"],
  pnpm: ["-F", "--filter", "--filter-prod"],
  yarn: [],
  bun: ["-F", "--filter"],
};
const EVERY = {
  npm: ["-ws", "--workspaces"],
  pnpm: ["-r", "--recursive"],
  yarn: [],
  bun: ["--workspaces"],
};
const AT_THE_TOP = { npm: [], pnpm: ["-w", "--workspace-root"], yarn: ["-T", "--top-level"], bun: [] };

// Options with a value that change nothing of what is run.
const WITH_VALUE = new Set([
  "--loglevel", "--reporter", "--workspace-concurrency", "--jobs", "-j", "--mutex",
  "--network-timeout", "--script-shell", "--cache", "--registry", "--concurrency",
]);
// Options of npm without a value. Of an option that it does not know, npm takes the next word for
// the value, and neither reaches a script.
const SWITCHES = /^(-[sqdfy]+|-[dD]+|--(silent|quiet|verbose|yes|force|if-present|foreground-scripts|ignore-scripts|legacy-peer-deps|strict-peer-deps|prefer-offline|prefer-online|offline|production|color|progress|audit|fund|include-workspace-root|workspaces-update|no-[\w-]+))$/;

const RUN = new Set(["run", "run-script", "rum", "urn"]);
const LIFECYCLE = { start: "start", stop: "stop", restart: "restart", test: "test", t: "test", tst: "test" };
const INSTALL = new Set(["install", "i", "ci", "add", "clean-install", "ic", "install-clean"]);
// Commands of Bun that a script of the same name does not take the place of.
const OF_BUN = new Set(["build", "create", "init", "repl", "test"]);
const EXEC = new Set(["exec", "x", "dlx", "execute"]);

// Returns {directory, members, every, top, ifPresent, words}: options read, wherever npm takes them.
function readOptions(manager, words) {
  const asked = { directory: "", members: [], every: false, top: false, ifPresent: false, words: [] };
  const rest = [...words];
  // Behind the name of a script, all but npm pass options on; npm reads its own up to "--".
  let script = false;
  let named = 0;
  while (rest.length) {
    const word = rest.shift();
    if (word === "--") {
      asked.words.push(word, ...rest);
      break;
    }
    const [name, value] = word.startsWith("-") && word.includes("=") ? cut(word) : [word, null];
    const take = () => value ?? rest.shift() ?? "";
    if (!word.startsWith("-") || (script && manager !== "npm")) {
      asked.words.push(word);
      named += 1;
      script ||= named > 1 || !(RUN.has(word) || word === "workspace" || word === "workspaces");
      if (manager !== "npm" && script) {
        asked.words.push(...rest);
        break;
      }
    } else if (DIRECTORY[manager].includes(name)) asked.directory = take();
    else if (MEMBER[manager].includes(name)) asked.members.push(take());
    else if (EVERY[manager].includes(name)) asked.every = value !== "false";
    else if (AT_THE_TOP[manager].includes(name)) asked.top = true;
    else if (name === "--if-present") asked.ifPresent = true;
    else if (WITH_VALUE.has(name)) take();
    else if (manager === "npm" && EXEC.has(asked.words[0])) asked.words.push(word);
    else if (manager === "npm" && value === null && !SWITCHES.test(word) && !rest[0]?.startsWith("-")) rest.shift();
  }
  return asked;
}

function cut(word) {
  const at = word.indexOf("=");
  return [word.slice(0, at), word.slice(at + 1)];
}

module.exports = { EXEC, INSTALL, LIFECYCLE, OF_BUN, RUN, readOptions };
