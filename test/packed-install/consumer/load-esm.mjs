const names = JSON.parse(process.argv[2]);
const loaded = {};
for (const name of names) loaded[name] = Object.keys(await import(name)).sort();
process.stdout.write(JSON.stringify(loaded));
