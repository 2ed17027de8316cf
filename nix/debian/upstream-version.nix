# What upstream calls the version of a Debian package, and the program itself prints. The rules are
# those of upstream_version in src/hop3_nix/packagesets/debian_lock.py, which has the reasons.
version:
let
  behind =
    pattern: text:
    let
      found = builtins.match pattern text;
    in
    if found == null then text else builtins.head found;
  upstream = behind "(.*)-[^-]*" (behind "[^:]*:(.*)" version);
in
builtins.head (builtins.split "[+~-]|[.](dfsg|ds)" (behind ".*really(.*)" upstream))
