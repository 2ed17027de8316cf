# An interpreter of the set: Debian's layer, copied to where Ruby itself knows that it is. Debian's
# has /usr compiled in, so that it would not even find its standard library.
{
  platform,
  python3,
  runCommand,
}:
{
  # The layer of the interpreter.
  group,
  # Full version, such as 3.3.8.
  version,
}:
let
  parts = builtins.splitVersion version;
  release = "${builtins.elemAt parts 0}.${builtins.elemAt parts 1}";
  libVersion = "${release}.0";
  scripts = builtins.path {
    name = "relocate-ruby";
    path = ./.;
    filter = path: _type: baseNameOf path == "relocate_ruby.py";
  };
in
# As long as the name of the layer, whose store path stands in programs and libraries.
runCommand group.name
  {
    inherit group;
    inherit (platform) libdir;
    # Nothing of the layer itself is needed.
    disallowedReferences = [ group ];
    passthru = {
      pname = "ruby";
      inherit version;
      rubyEngine = "ruby";
      gemPath = "lib/ruby/gems/${libVersion}";
      # Its DT_RPATH holds for what it loads, so that compiled gems find their libraries unpatched.
      runsForeignGems = true;
    };
    meta.mainProgram = "ruby";
  }
  ''
    cp -R "$group" "$out"
    chmod -R u+w "$out"
    ${python3.interpreter} -B ${scripts}/relocate_ruby.py "$group" "$out" "$libdir" ${release}
    "$out/bin/bundle" --version
  ''
