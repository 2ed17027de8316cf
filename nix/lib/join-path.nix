# The text of an environment variable: a search path is written as a list of directories.
value:
if builtins.isList value then builtins.concatStringsSep ":" value else value
