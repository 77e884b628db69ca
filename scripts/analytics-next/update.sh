#!/bin/sh
# Takes static/vendor/analytics-next/ out of the package of the version below: the standalone build of
# analytics.js and the parts that it loads when they are needed. `./update.sh` needs npm.
set -eu
version=1.84.3
here=$(cd "$(dirname "$0")" && pwd)
target=$here/../../static/vendor/analytics-next
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack "@segment/analytics-next@$version" --silent --ignore-scripts > name
tar -xzf "$(cat name)"
rm -f "$target"/*.js
cp package/dist/umd/standalone.js package/dist/umd/*.bundle.*.js "$target/"
cp package/LICENSE.MD "$target/LICENSE"
cd "$target"
# The line that names a source map would make collectstatic look for a file that is not here.
sed -i '/^\/\/# sourceMappingURL=/d' -- *.js
{
  echo "@segment/analytics-next $version"
  echo "https://segment.com/docs/connections/sources/catalog/libraries/website/javascript/"
  echo "dist/umd of the package, without its source maps and the lines that name them; taken by scripts/analytics-next/update.sh."
  sha256sum -- *.js
} > VERSION
