#!/bin/sh
# Rebuilds static/vendor/codemirror/codemirror.js out of the lock beside this file, in a folder that is removed again.
# `./build.sh` takes the locked versions. `./build.sh --update` locks anew what package.json names. Needs Node 20 or later.
# CodeMirror is pinned by number: the tag "latest" of the package `codemirror` is a misnumbered release of version 5.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=$here/../../static/vendor/codemirror
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/.npmrc" "$here/entry.js" "$work/"
cd "$work"
if [ "${1:-}" = "--update" ]; then
  npm install --no-audit --no-fund --loglevel=error
  cp package-lock.json "$here/"
else
  cp "$here/package-lock.json" .
  npm ci --no-audit --no-fund --loglevel=error
fi
npx --no-install esbuild entry.js --bundle --minify --format=esm --target=es2022 --charset=utf8 --legal-comments=none \
  --outfile=codemirror.js --log-level=warning
version() { node -p "require('./node_modules/$1/package.json').version"; }
cp codemirror.js "$target/codemirror.js"
cp node_modules/codemirror/LICENSE "$target/LICENSE"
{
  for name in codemirror @codemirror/state @codemirror/view @codemirror/language @codemirror/commands @codemirror/lang-json \
    @codemirror/lang-javascript @codemirror/lint @codemirror/merge @lezer/highlight esbuild; do
    echo "$name $(version "$name")"
  done
  echo "sha256 $(sha256sum codemirror.js | cut -d' ' -f1)"
  echo "https://codemirror.net"
  echo "One minified module, made by scripts/codemirror/build.sh out of the lock there. Do not edit it by hand."
} > "$target/VERSION"
wc -c < codemirror.js
