# A text as one word of a shell.
text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] text}'"
