# Make site/ from pages/: one HTML page for each text, and the files as they are.
set -euo pipefail

mkdir -p site
cp -R files site/files
for page in pages/*.txt; do
  name=${page##*/}
  {
    echo "<!doctype html>"
    echo "<meta charset=\"utf-8\">"
    echo "<title>$(head -n 1 "$page")</title>"
    while read -r line; do echo "<p>$line</p>"; done <"$page"
  } >"site/${name%.txt}.html"
done
