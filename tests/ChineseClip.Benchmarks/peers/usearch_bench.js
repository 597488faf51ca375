// USearch, by the protocol of PeerEngine.cs; the first argument is where its module is installed.
const fs = require("fs");
const path = require("path");
const readline = require("readline");

const [modules, directory, m, efConstruction, k] = process.argv.slice(2);
const { Index, MetricKind, ScalarKind } = require(path.join(modules, "node_modules", "usearch"));

function readRows(file, Kind) {
  const bytes = fs.readFileSync(file);
  const dimension = bytes.readInt32LE(0);
  const count = bytes.length / (4 * (dimension + 1));
  const rows = new Kind(count * dimension);
  const words = new Kind(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let i = 0; i < count; i++) rows.set(words.subarray(i * (dimension + 1) + 1, (i + 1) * (dimension + 1)), i * dimension);
  return { rows, count, dimension };
}

function timed(work) {
  const cpu = process.cpuUsage();
  const wall = process.hrtime.bigint();
  const result = work();
  const used = process.cpuUsage(cpu);
  return { result, cpu: (used.user + used.system) / 1e6, wall: Number(process.hrtime.bigint() - wall) / 1e9 };
}

const config = (efSearch, dimension) => ({
  dimensions: dimension, metric: MetricKind.IP, quantization: ScalarKind.F32, connectivity: Number(m),
  expansion_add: Number(efConstruction), expansion_search: efSearch, multi: false,
});

let base = readRows(`${directory}/base.fvecs`, Float32Array);
const dimension = base.dimension;
const queries = {};
for (const kind of ["picture", "text"]) {
  queries[kind] = { ...readRows(`${directory}/${kind}.fvecs`, Float32Array), truth: readRows(`${directory}/${kind}.ivecs`, Int32Array) };
}
let index = new Index(config(64, dimension));
const built = timed(() => index.add(BigUint64Array.from({ length: base.count }, (_, i) => BigInt(i)), base.rows, 1));
base = null;
const file = `${directory}/usearch/index.usearch`;    // the effort of a search is fixed when an index is opened
index.save(file);
let efOpened = 64;
console.log(`built ${built.cpu.toFixed(3)} ${built.wall.toFixed(3)} ${fs.statSync(file).size}`);

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [kind, ef] = line.split(" ");
  const { rows, count, truth } = queries[kind];
  if (efOpened !== Number(ef)) {
    index = new Index(config(Number(ef), dimension));
    index.load(file);
    efOpened = Number(ef);
  }
  const search = timed(() => index.search(rows, Number(k), 1));
  let found = 0;
  for (let q = 0; q < count; q++) {
    const expected = new Set(truth.rows.subarray(q * truth.dimension, q * truth.dimension + Number(k)));
    for (const key of search.result.get(q).keys) found += expected.has(Number(key)) ? 1 : 0;
  }
  console.log(`${search.cpu.toFixed(6)} ${search.wall.toFixed(6)} ${(found / (count * Number(k))).toFixed(6)}`);
});
