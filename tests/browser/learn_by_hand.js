// Runs the page's own code in Node: node tests/browser/learn_by_hand.js replay|train < JSON > JSON
const fs = require("fs"), path = require("path"), vm = require("vm");
const folder = path.join(__dirname, "..", "..", "book", "_static", "learn");
for (const name of JSON.parse(fs.readFileSync(path.join(folder, "files.json")))) {
  vm.runInThisContext(fs.readFileSync(path.join(folder, name), "utf8"), {filename: name});
}
vm.runInThisContext(fs.readFileSync(path.join(__dirname, "learn_replay.js"), "utf8"));
const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const answer = {replay, train, digits, starts, spreads}[process.argv[2]](asked);
console.log(JSON.stringify(answer));
