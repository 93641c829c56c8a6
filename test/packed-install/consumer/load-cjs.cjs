const names = JSON.parse(process.argv[2]);
const loaded = {};
for (const name of names)
  loaded[name] = Object.keys(require(name))
    .filter((key) => key !== "default")
    .sort();
const files = Object.keys(require.cache);
process.stdout.write(JSON.stringify({ loaded, files }));
