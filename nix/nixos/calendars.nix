# The calendar events of systemd.time(7) that are together what the five fields of crontab(5) mean,
# in the host's time zone. There are two where both days are restricted, as cron then goes by either.
schedule:
let
  inherit (builtins)
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    fromJSON
    genList
    head
    isString
    length
    listToAttrs
    match
    replaceStrings
    split
    stringLength
    substring
    ;

  fields = {
    minute = {
      name = "minute";
      low = 0;
      high = 59;
      names = [ ];
    };
    hour = {
      name = "hour";
      low = 0;
      high = 23;
      names = [ ];
    };
    day = {
      name = "day of the month";
      low = 1;
      high = 31;
      names = [ ];
    };
    month = {
      name = "month";
      low = 1;
      high = 12;
      names = [
        "jan"
        "feb"
        "mar"
        "apr"
        "may"
        "jun"
        "jul"
        "aug"
        "sep"
        "oct"
        "nov"
        "dec"
      ];
    };
    weekday = {
      name = "day of the week";
      low = 0;
      high = 7;
      names = [
        "sun"
        "mon"
        "tue"
        "wed"
        "thu"
        "fri"
        "sat"
      ];
    };
  };
  dayNames = [
    "Sun"
    "Mon"
    "Tue"
    "Wed"
    "Thu"
    "Fri"
    "Sat"
  ];

  wrong =
    problem:
    throw ''
      the schedule "${schedule}" is wrong: ${problem}
      Five fields as in crontab(5): minute, hour, day of the month, month, day of the week; for example 30 4 * * mon-fri'';

  upper = genList (index: substring index 1 "ABCDEFGHIJKLMNOPQRSTUVWXYZ") 26;
  lower = genList (index: substring index 1 "abcdefghijklmnopqrstuvwxyz") 26;
  toLower = replaceStrings upper lower;

  # More digits than any field has are as good as one number that is too high.
  toNumber =
    digits:
    let
      significant = head (match "0*([0-9]+)" digits);
    in
    if stringLength significant > 4 then 10000 else fromJSON significant;

  valueOf =
    field: text:
    let
      known = listToAttrs (
        genList (index: {
          name = elemAt field.names index;
          value = index + field.low;
        }) (length field.names)
      );
      number = toNumber text;
    in
    if known ? ${text} then
      known.${text}
    else if match "[0-9]+" text == null || number < field.low || number > field.high then
      wrong "'${text}' cannot stand for the ${field.name} (${toString field.low}-${toString field.high})"
    else
      number;

  ofItem =
    field: item:
    let
      parts = match "([*]|([A-Za-z0-9_]+)(-([A-Za-z0-9_]+))?)(/([0-9]+))?" item;
      lowest = elemAt parts 1;
      highest = elemAt parts 3;
      by = elemAt parts 5;
      first = if lowest == null then field.low else valueOf field lowest;
      last =
        if highest != null then
          valueOf field highest
        else if lowest == null || by != null then
          field.high
        else
          first;
      step = if by == null then 1 else toNumber by;
    in
    if parts == null then
      wrong "'${item}' cannot stand for the ${field.name}"
    else if step == 0 || first > last then
      wrong "'${item}' is never the ${field.name}"
    else
      genList (index: first + index * step) ((last - first) / step + 1);

  # In order and each once.
  valuesOf =
    field: text:
    let
      items = filter isString (split "," (toLower text));
      found = concatMap (ofItem field) items;
    in
    filter (value: elem value found) (genList (index: field.low + index) (field.high - field.low + 1));

  twoDigits = value: if value < 10 then "0${toString value}" else toString value;
  listed =
    field: values:
    if length values == field.high - field.low + 1 then
      "*"
    else
      concatStringsSep "," (map twoDigits values);

  texts = filter (part: isString part && part != "") (split "[[:space:]]+" schedule);
  text = elemAt texts;
  begins = index: substring 0 1 (text index) == "*";

  time = "${listed fields.hour hours}:${listed fields.minute minutes}:00";
  minutes = valuesOf fields.minute (text 0);
  hours = valuesOf fields.hour (text 1);
  days = listed fields.day (valuesOf fields.day (text 2));
  months = listed fields.month (valuesOf fields.month (text 3));
  weekdayValues = valuesOf fields.weekday (text 4);
  weekdays = filter (day: elem day weekdayValues || (day == 0 && elem 7 weekdayValues)) (
    genList (day: day) 7
  );
  names = concatStringsSep "," (map (elemAt dayNames) weekdays);

  # crontab(5): a field that begins with * does not restrict, even if a step leaves days out.
  either = !begins 2 && !begins 4;
  byDate = "*-${months}-${days} ${time}";
in
if length texts != 5 then
  wrong "${toString (length texts)} fields, not 5"
# What is not part of the result may be wrong as well.
else if builtins.seq days (length weekdays) == 7 then
  [ (if either then "*-${months}-* ${time}" else byDate) ]
else if either then
  [
    byDate
    "${names} *-${months}-* ${time}"
  ]
else
  [ "${names} ${byDate}" ]
