# As much of nixpkgs' `lib` as the module is made of, for where there is no nixpkgs: what the page on
# its options is written from, and what evaluates it in the tests. The real one checks types and
# merges definitions; this one knows types by their names, and takes one definition.
let
  inherit (builtins)
    concatStringsSep
    foldl'
    isFunction
    mapAttrs
    toJSON
    ;

  isOption = value: value._type or "" == "option";

  # `complete name value` is the value with what holds where nothing is said.
  plain = description: {
    inherit description;
    complete = _: value: value;
  };

  completed =
    options: said:
    mapAttrs (
      name: option:
      if !isOption option then
        completed option (said.${name} or { })
      else if said ? ${name} then
        option.type.complete name said.${name}
      else
        option.default or (throw "the option ${name} is not defined")
    ) options;
in
rec {
  mkOption = option: option // { _type = "option"; };
  mkIf = condition: content: if condition then content else { };
  mkMerge = foldl' (all: one: all // one) { };
  literalExpression = code: { inherit code; };
  literalMD = prose: { inherit prose; };

  types = {
    bool = plain "true or false";
    int = plain "a whole number";
    str = plain "text";
    package = plain "a package";
    port = plain "a port";
    ints.unsigned = plain "a whole number, at least 0";
    ints.positive = plain "a whole number, at least 1";
    strMatching = pattern: plain "text like `${pattern}`";
    enum = values: plain (concatStringsSep " or " (map toJSON values));
    oneOf = types: plain (concatStringsSep " or " (map (type: type.description) types));
    listOf = type: plain "a list of: ${type.description}";
    nullOr = type: {
      description = "null, or ${type.description}";
      complete = name: value: if value == null then null else type.complete name value;
      options = type.options or null;
      path = type.path or [ ];
    };
    attrsOf = type: {
      description = "by name: ${type.description}";
      complete = _: mapAttrs type.complete;
      options = type.options or null;
      path = [ "<name>" ] ++ type.path or [ ];
    };
    submodule =
      module:
      let
        made = name: config: if isFunction module then module { inherit name config; } else module;
      in
      {
        description = "what follows";
        complete =
          name: value:
          let
            own = made name result;
            sum = mapAttrs (option: content: content // value.${option} or { }) (own.config or { });
            result = completed own.options (value // sum);
          in
          result;
        # Nothing that is evaluated for a page depends on a configuration.
        inherit (made "<name>" { }) options;
      };
  };

  # What `module` makes of one configuration.
  evaluate =
    module: pkgs: configuration:
    let
      made = module {
        lib = {
          inherit
            literalExpression
            literalMD
            mkIf
            mkMerge
            mkOption
            types
            ;
        };
        inherit pkgs;
        config = completed made.options configuration;
      };
    in
    made.config;
}
