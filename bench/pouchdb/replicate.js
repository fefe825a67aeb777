// The other side of bench.sync_link: PouchDB replicates the same cases to express-pouchdb.
//
//   node replicate.js serve FOLDER HOST PORT           a server over LevelDB; prints "ready"
//   node replicate.js fill FOLDER CASES                 one document a case (its events) with its photo attached
//   node replicate.js send FOLDER URL BATCH             replicates once; prints a JSON line per happening, with seconds since its start
"use strict";
const fs = require("fs");
const path = require("path");
const root = process.env.POUCHDB_HOME;
const load = (name) => require(path.join(root, "node_modules", name));

async function serve(folder, host, port) {
  const PouchDB = load("pouchdb").defaults({ prefix: folder + path.sep });
  const app = load("express")();
  app.use("/", load("express-pouchdb")(PouchDB, { inMemoryConfig: true, logPath: path.join(folder, "log.txt") }));
  await new PouchDB("cases").info();
  app.listen(Number(port), host, () => console.log("ready"));
}

async function fill(folder, cases) {
  const PouchDB = load("pouchdb");
  const db = new PouchDB(path.join(folder, "cases"));
  for (const each of JSON.parse(fs.readFileSync(path.join(cases, "cases.json")))) {
    await db.put({
      _id: each.case_no,
      events: each.events,
      _attachments: {
        photo: { content_type: "image/jpeg", data: fs.readFileSync(path.join(cases, each.photo)) },
      },
    });
  }
  await db.close();
}

async function send(folder, url, batch) {
  const PouchDB = load("pouchdb");
  const db = new PouchDB(path.join(folder, "cases"));
  const start = process.hrtime.bigint();
  const say = (what, more) =>
    console.log(JSON.stringify({ what, s: Number(process.hrtime.bigint() - start) / 1e9, ...more }));
  say("start", {});
  const job = db.replicate.to(url + "/cases", { retry: true, batch_size: Number(batch) });
  job.on("change", (info) => say("change", { written: info.docs_written }));
  job.on("paused", (error) => say("paused", { error: String(error || "") }));
  const result = await job;
  say("end", { written: result.docs_written, ok: result.ok });
  process.exit(0);
}

const [verb, ...rest] = process.argv.slice(2);
({ serve, fill, send })[verb](...rest).catch((error) => {
  console.error(error);
  process.exit(1);
});
